"""Runs git, and says in one line what went wrong."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

# Set by git where it calls us from a hook: they would lead every command to that repository.
SET_FOR_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


class Refused(Exception):
    """One line for the user: nothing was changed, and why."""


def git(
    *arguments: str | Path,
    cwd: Path,
    stdin: bytes = b"",
    may_fail: bool = False,
    extra: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, with `extra` in its environment; raises Refused with git's own last line if it fails."""
    environment = {key: value for key, value in os.environ.items() if key not in SET_FOR_HOOKS}
    environment |= {"LC_ALL": "C", **(extra or {})}
    command = ["git", *map(str, arguments)]
    try:
        result = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, env=environment, check=False)
    except FileNotFoundError:
        raise Refused("git is missing: install it") from None
    if result.returncode and not may_fail:
        said = (result.stderr or result.stdout).decode(errors="replace").strip().splitlines()
        raise Refused(f"git {arguments[0]}: {said[-1] if said else f'exit status {result.returncode}'}")
    return result


def text(*arguments: str | Path, cwd: Path) -> str:
    """Return what git prints, without the last line end; raises Refused."""
    return git(*arguments, cwd=cwd).stdout.decode(errors="surrogateescape").rstrip("\n")


def names(output: bytes) -> list[str]:
    """Return the fields of an output made with -z."""
    return [os.fsdecode(name) for name in output.split(b"\0") if name]
