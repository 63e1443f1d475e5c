"""Generated projects with their npm packages installed, to run their own checks without Docker."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

from engine.machine import cache
from support.baking import BIN, BakedProject


def install(project: BakedProject) -> BakedProject:
    """Give a project that uses npm its node_modules: installed once per lockfile and user, then linked."""
    lock = project.read("package-lock.json").replace(project.slug, "")
    folder = cache() / f"node_modules-{hashlib.sha256(lock.encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            new = Path(work) / "new"
            new.mkdir()
            for name in ("package.json", "package-lock.json"):
                (new / name).write_text(project.read(name), encoding="utf-8")
            command = [str(BIN / "npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            result = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stdout + result.stderr
            try:
                new.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process was quicker
                    raise
    (project.path / "node_modules").symlink_to(folder / "node_modules")
    return project


def real_node() -> str:
    """Return Node itself: the one among the development tools is a script, which a signal would end instead."""
    return subprocess.check_output([BIN / "node", "-p", "process.execPath"], text=True).strip()


def node_run(
    project: BakedProject, *arguments: str, limit: float | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `node ARGUMENTS` in a project, such as `node --run lint`; never raises for a failure.

    Raises subprocess.TimeoutExpired if it takes longer than `limit` seconds.
    """
    # What the tests of this repository run under must not reach those of the project.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("NODE_", "PYTEST"))}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [BIN / "node", *arguments],
        cwd=project.path,
        env={**kept, "PATH": path, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=limit,
    )


def own_tests(project: BakedProject) -> list[str]:
    """Return the paths of the application's tests, not the service half's; fails if there is none."""
    files = [path for path in project.files if re.fullmatch(r"test/[\w.]+\.test\.[jt]s", path)]
    assert files
    return files
