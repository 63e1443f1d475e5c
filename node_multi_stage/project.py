"""The project: which version and answers it was made with, and how the result of a merge gets into it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node_multi_stage.git import Refused, git, names

ANSWERS = ".node-multi-stage.json"
CRUFT = ".cruft.json"


@dataclass(frozen=True)
class Origin:
    """What a project was baked from: a version or commit of the template, and answers."""

    version: str
    answers: dict[str, str]


def parsed(path: Path) -> dict[str, Any]:
    """Return a JSON file's object; raises Refused."""
    try:
        return dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise Refused(f"{path.name}: {error}") from error


def origin(project: Path) -> Origin | None:
    """Return what the answers file says, or else cruft's; None without either. Raises Refused for a damaged one."""
    try:
        if (project / ANSWERS).is_file():
            state = parsed(project / ANSWERS)
            return Origin(state["version"], dict(state["answers"]))
        if (project / CRUFT).is_file():
            state = parsed(project / CRUFT)
            context = state["context"]["cookiecutter"]
            return Origin(state["commit"], {key: value for key, value in context.items() if not key.startswith("_")})
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"{ANSWERS} or {CRUFT} is damaged: {error!r}") from error
    return None


def tracked(project: Path) -> list[str] | None:
    """Return the files that the project's git repository knows, or None if none knows any of them."""
    listed = names(git("ls-files", "-z", cwd=project, may_fail=True).stdout)
    return [name for name in listed if (project / name).is_file() or (project / name).is_symlink()] or None


def refuse_unsaved_work(project: Path) -> None:
    """Raise Refused if a file that git knows has changed since the last commit: there would be no way back."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", cwd=project).stdout
    if changed:
        raise Refused("there are changes that are not committed: commit or stash them first")
    # S: skip-worktree; a lower-case letter: assume-unchanged (git-ls-files, option -v).
    for line in names(git("ls-files", "-v", "-z", cwd=project).stdout):
        flag, _, name = line.partition(" ")
        if flag == "S" or flag.islower():
            raise Refused(
                f"git is told not to look at {name}: git update-index --no-skip-worktree --no-assume-unchanged"
            )


def refuse_overwriting(project: Path, added: list[str]) -> None:
    """Raise Refused if the update would write where a file lies that is not part of the merge."""
    for name in added:
        path = project / name
        ways = [path, *(folder for folder in path.parents if folder.is_relative_to(project) and folder != project)]
        for way in ways:
            if way.is_symlink() or (way.exists() and (way == path or not way.is_dir())):
                raise Refused(f"{way.relative_to(project)} is in the way, and git does not know it: move or commit it")


def write(project: Path, result: Path, changes: dict[str, str], modes: dict[str, str]) -> None:
    """Bring changed files from the result's folder, by the status that git gives each: A, M, T or D."""
    for name in (name for name, status in changes.items() if status == "D"):
        (project / name).unlink(missing_ok=True)
        for folder in (project / name).parents:
            if folder == project or any(folder.iterdir()):
                break
            folder.rmdir()
    for name in (name for name, status in changes.items() if status != "D"):
        path, new = project / name, result / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or new.is_symlink():
            path.unlink(missing_ok=True)
            shutil.copy(new, path, follow_symlinks=False)
            continue
        path.write_bytes(new.read_bytes())
        mode = path.stat().st_mode
        # Whoever may read may execute, as git sets it.
        path.chmod(mode | (mode & 0o444) >> 2 if modes[name] == "100755" else mode & ~0o111)


def stage(project: Path, changes: dict[str, str], unmerged: bytes, objects: Path) -> None:
    """Leave the project's index as `git merge` would: what merged is staged, conflicts are unmerged.

    `unmerged` is what `git ls-files --unmerged -z` printed where the merge ran, in the repository `objects`.
    """
    paths = "\0".join(changes).encode(errors="surrogateescape")
    git("update-index", "-z", "--add", "--remove", "--stdin", cwd=project, stdin=paths)
    entries = [entry.split(b"\t", 1) for entry in unmerged.split(b"\0") if entry]
    if not entries:
        return
    blobs = b"\n".join(about.split()[1] for about, _ in entries)
    pack = git("pack-objects", "--stdout", "-q", cwd=objects, stdin=blobs).stdout
    git("unpack-objects", "-q", cwd=project, stdin=pack)
    prefix = git("rev-parse", "--show-prefix", cwd=project).stdout.rstrip(b"\n")
    # Mode 0 takes the merged entry away, which would hide the three stages.
    lines = [b"0 " + b"0" * 40 + b"\t" + prefix + name for _, name in entries]
    lines += [about + b"\t" + prefix + name for about, name in entries]
    git("update-index", "-z", "--index-info", cwd=project, stdin=b"\0".join(lines))
