"""What BuildKit really sees of a project's folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.baking import bake
from support.context_canaries import ARRIVE, OUTPUTS, SECRETS, plant


def test_no_secret_reaches_a_build(tmp_path: Path) -> None:
    project = bake(tmp_path / "project", language="typescript")
    baked = set(project.files)
    plant(project)
    out = tmp_path / "out"
    subprocess.run(
        ["docker", "build", "--quiet", "--file", "-", "--output", f"type=local,dest={out}", "."],
        cwd=project.path,
        input="FROM scratch\nCOPY . /\n",
        text=True,
        check=True,
        capture_output=True,
    )
    seen = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert sorted(seen & {*SECRETS, *OUTPUTS}) == []
    assert sorted({*ARRIVE, *baked} - seen) == []
