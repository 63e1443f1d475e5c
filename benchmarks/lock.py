"""Locks the real service anew, after its own or the template's dependencies have changed: `make bench-lock`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.commands import run
from benchmarks.contexts import bake
from benchmarks.real_service import ANSWERS, LOCKFILE, lay_over


def main() -> int:
    """Write LOCKFILE, by the project's own `make lock`."""
    with TemporaryDirectory() as name:
        project = bake(Path(name), ANSWERS)
        lay_over(project)
        run("make", "lock", "IMAGE=bench-lock", cwd=project, env={**os.environ, "IMAGE": "bench-lock"})
        shutil.copy(project / LOCKFILE.name, LOCKFILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
