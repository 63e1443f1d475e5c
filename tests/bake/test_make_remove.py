"""What `make remove` says of names that are not there, where npm says nothing: scripts/image/allow-scripts.mjs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.baking import ROOT, node

[SCRIPT] = (ROOT / "{{cookiecutter.project_slug}}/scripts/image").glob("*allow-scripts.mjs*")
# Not sorted: npm would sort it, and so change it, whatever it removes.
MANIFEST = {
    "name": "app",
    "scripts": {"typo": "true"},
    "peerDependencies": {"d": "1"},
    "optionalDependencies": {"@scope/c": "1"},
    "devDependencies": {"b": "1"},
    "dependencies": {"z": "1", "a": "1"},
    "bundleDependencies": ["a"],
}


def remove(project: Path, names: str, change: str = "remove") -> subprocess.CompletedProcess[str]:
    """Run the script as the stage does after npm, beside the manifest of before."""
    before = project / "before"
    before.mkdir()
    (before / "package.json").write_text("\ufeff" + json.dumps(MANIFEST), encoding="utf-8")
    (project / "package.json").write_text("{}", encoding="utf-8")
    # Its name in the template has no suffix that Node knows.
    (project / "script.mjs").write_bytes(SCRIPT.read_bytes())
    return subprocess.run(
        [node(), "script.mjs", "before"],
        cwd=project,
        env={**os.environ, "CHANGE": change, "PACKAGE": names, "REFUSE": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("names", "missing"),
    [("a typo", "typo"), ("typo", "typo"), ("  one a\tb@1 toString ", "one b@1 toString"), ("app", "app")],
)
def test_names_that_are_not_there_are_named(tmp_path: Path, names: str, missing: str) -> None:
    result = remove(tmp_path, names)
    assert result.returncode != 0
    assert result.stderr == f"==> not in package.json: {missing}\n"


@pytest.mark.parametrize("names", ["a", "b @scope/c  d z"])
def test_names_that_are_there_are_removed(tmp_path: Path, names: str) -> None:
    assert remove(tmp_path, names).returncode == 0


@pytest.mark.parametrize("change", ["add", "lock"])
def test_only_what_is_removed_must_be_there(tmp_path: Path, change: str) -> None:
    assert remove(tmp_path, "new", change).returncode == 0
