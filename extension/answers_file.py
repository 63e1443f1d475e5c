"""The answers file of a project: what an update needs to bake the project again as it was generated.

It holds the answers and the template's version: that of pyproject.toml, with a digest of the files that decide what
a bake writes, because most projects are baked from commits between two releases. node_multi_stage/template.py finds
the commit by the same digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

TEMPLATE = Path(__file__).parents[1]
DECIDING = ("cookiecutter.json", "local_extensions.py", "extension", "templates", "{{cookiecutter.project_slug}}")
LEFT_BY_TOOLS = ("__pycache__", "node_modules")
DIGITS = 12


@cache
def git_blob(path: Path, size: int, _changed: int) -> str:
    """Return git's name for the content of a file; size and time of the last change are part of the cache's key."""
    return hashlib.sha1(b"blob %d\0" % size + path.read_bytes()).hexdigest()  # noqa: S324


def paths_below(place: Path) -> Iterator[Path]:
    """Yield a file, or every file of a folder, except what tools leave there and git ignores."""
    if place.is_file():
        yield place
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if name not in LEFT_BY_TOOLS]
        yield from (path for name in files if (path := Path(folder, name)).is_file())


def deciding_files() -> list[tuple[str, str]]:
    """Return path and blob of every file that decides what a bake writes, sorted."""
    files = []
    for path in (path for name in DECIDING for path in paths_below(TEMPLATE / name)):
        state = path.stat()
        files.append((path.relative_to(TEMPLATE).as_posix(), git_blob(path, state.st_size, state.st_mtime_ns)))
    return sorted(files)


def version() -> str:
    """Return the version as Semantic Versioning writes it, such as 1.2.3+0123456789ab."""
    pyproject = (TEMPLATE / "pyproject.toml").read_text(encoding="utf-8")
    released = re.findall(r'^version = "(.+)"$', pyproject, re.MULTILINE)[0]
    lines = "".join(f"{blob} {name}\n" for name, blob in deciding_files())
    return f"{released}+{hashlib.sha256(lines.encode()).hexdigest()[:DIGITS]}"


def answers_file(answers: Mapping[str, object]) -> str:
    """Return the answers file, in ASCII: other characters are JSON escapes."""
    typed = {key: value for key, value in answers.items() if not key.startswith("_")}
    return json.dumps({"version": version(), "answers": typed}, indent=2)
