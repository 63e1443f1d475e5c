"""The files of this repository, uncommitted ones included: listed, copied, and the hash that names them all."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from support.baking import ROOT


def repository_files() -> list[str]:
    """Return the path of every file that git would commit, sorted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def copy(names: list[str], folder: Path) -> Path:
    """Copy these files to an empty folder, as a git repository with nothing committed; return the folder."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


def tree_hash(names: list[str]) -> int:
    """Return a number that follows from the names and bytes of these files, on whatever machine."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(f"{name}\0{hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}\n".encode())
    return int(digest.hexdigest(), 16)
