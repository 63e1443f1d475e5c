"""The three-way merge: git's own, between the two bakes and the project, in a repository of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node_multi_stage.git import Refused, git, names

# Only the package manager can merge them, so that `make lock` follows where both sides changed one.
LOCKFILES = ("package-lock.json", "pnpm-lock.yaml", "yarn.lock")
SETTINGS = """
[merge]
    # A file that the owner added stays where it is when the template moves the folder around it.
    directoryRenames = false
[merge "keep-yours"]
    # For LOCKFILES: what the driver is given is the owner's file, and `true` leaves it.
    driver = true
[core]
    autocrlf = false
    safecrlf = false
    quotePath = false
    # This repository is deleted in a moment: it need not reach the disk.
    fsync = none
[gc]
    auto = 0
[user]
    name = node-multi-stage
    email = update@localhost
"""
# The owner's own settings, hooks and signing keys are not for these commits.
ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "HOME": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
}


Blobs = dict[str, str]


@dataclass
class Merged:
    """How the result of a merge, in the merge's folder, differs from the project."""

    # By path: what git calls the change (A, M, T or D), and the mode of the file afterwards.
    changes: dict[str, str]
    modes: dict[str, str]
    # One line per change, with renames.
    shown: list[str]
    # The paths that need the owner, and what `git ls-files --unmerged -z` prints about them.
    conflicts: list[str]
    unmerged: bytes
    # What the owner deleted and the template has changed.
    stay_deleted: list[str]
    # The lockfiles that both sides changed.
    kept_locks: list[str]
    # package.json and lockfile come from different sides.
    needs_lock: bool
    patch: str


class Merge:
    """A repository with three commits: the old bake, and upon it the new bake and the project."""

    def __init__(self, folder: Path) -> None:
        """Make the repository in a new folder."""
        self.folder = folder
        git("init", "--quiet", folder, cwd=folder.parent, extra=ISOLATED)
        with (folder / ".git" / "config").open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        attributes = "".join(f"{name} merge=keep-yours\n" for name in LOCKFILES)
        (folder / ".git" / "info").mkdir(exist_ok=True)
        (folder / ".git" / "info" / "attributes").write_text(attributes)

    def git(self, *arguments: str | Path, may_fail: bool = False) -> bytes:
        """Run git in this repository, away from the owner's settings; return what it prints."""
        return git(*arguments, cwd=self.folder, may_fail=may_fail, extra=ISOLATED).stdout

    def commit(self, name: str, tree: Path, files: list[str] | None, parent: str = "") -> None:
        """Commit a folder as branch `name`: these files of it, or with None all but what its .gitignore names."""
        self.git("read-tree", "--empty")
        where = (f"--git-dir={self.folder / '.git'}", f"--work-tree={tree}")
        if files is None:
            git(*where, "add", "--all", ".", cwd=tree, extra=ISOLATED)
        else:
            paths = "\0".join(files).encode(errors="surrogateescape")
            git(*where, "update-index", "-z", "--add", "--stdin", cwd=tree, stdin=paths, extra=ISOLATED)
        written = self.git("write-tree").decode().strip()
        parents = ("-p", parent) if parent else ()
        commit = self.git("commit-tree", written, *parents, "-m", name).decode().strip()
        self.git("update-ref", f"refs/heads/{name}", commit)

    def run(self, label: str, write: Callable[[Path], None]) -> Merged:
        """Merge the branch `label` into `yours`, let `write` add to the result in this folder, and compare.

        Conflicts are in the files, as git marks them. Raises Refused if git cannot merge at all.
        """
        self.git("checkout", "--quiet", "--force", "yours")
        command = ("merge", "--quiet", "--no-commit", "--no-ff", label)
        result = git(*command, cwd=self.folder, may_fail=True, extra=ISOLATED)
        stages = self.stages()
        if result.returncode and not stages:
            raise Refused(f"git merge: {result.stderr.decode(errors='replace').strip()}")
        stay_deleted = [name for name, found in stages.items() if found == "13"]
        locks = [name for name, found in stages.items() if found == "12" and Path(name).name in LOCKFILES]
        for name in [*stay_deleted, *locks]:
            self.git("rm", "--quiet", "--force", "--", name)
        unmerged = self.git("ls-files", "--unmerged", "-z")
        write(self.folder)
        self.git("add", "--all", "--force", ".")
        tree = self.git("write-tree").decode().strip()
        changes, modes = self.changes(tree)
        base, yours, template = map(self.manifests, ("base", "yours", label))
        return Merged(
            changes=changes,
            modes=modes,
            shown=self.git("diff-tree", "-r", "--find-renames", "--name-status", "yours", tree).decode().splitlines(),
            conflicts=[name for name in stages if name not in (*stay_deleted, *locks)],
            unmerged=unmerged,
            stay_deleted=stay_deleted,
            kept_locks=[name for name in yours if name in LOCKFILES and is_kept(name, base, yours, template)],
            needs_lock=self.manifests(tree) not in (yours, template),
            patch=self.git("diff", "yours", tree).decode(errors="replace"),
        )

    def stages(self) -> dict[str, str]:
        """Return which stages each unmerged path has: 1 the old bake, 2 the project, 3 the new bake."""
        stages: dict[str, str] = {}
        for entry in names(self.git("ls-files", "--unmerged", "-z")):
            about, name = entry.split("\t", 1)
            stages[name] = stages.get(name, "") + about.split()[2]
        return stages

    def changes(self, tree: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return status and new mode of each path in which a tree differs from the project."""
        fields = names(self.git("diff-tree", "-r", "-z", "--no-renames", "yours", tree))
        entries = {name: about.split() for about, name in zip(fields[0::2], fields[1::2], strict=True)}
        return {name: e[4] for name, e in entries.items()}, {name: e[1] for name, e in entries.items()}

    def manifests(self, tree: str) -> Blobs:
        """Return the blobs of package.json and of the lockfiles in a tree or branch, by name."""
        entries = names(self.git("ls-tree", "-z", tree, "--", "package.json", *LOCKFILES))
        return {entry.split("\t")[1]: entry.split()[2] for entry in entries}


def is_kept(name: str, base: Blobs, yours: Blobs, template: Blobs) -> bool:
    """Whether both sides have a lockfile that differs from the other's and from the old bake's."""
    return name in template and len({base.get(name), yours[name], template[name]}) == 3
