"""`node-multi-stage lockfile`: what a change of the lockfile brings, and how it is shown."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

from node_multi_stage.git import Refused, git
from node_multi_stage.lockfiles import PUBLIC, READERS, Locked, read
from node_multi_stage.registry import Facts, Registry

QUESTIONS_AT_ONCE = 8
# The age that the generated projects ask for.
YOUNG = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """What is locked in place of what; one of them is None where a version came or went.

    `left` and `origin` are where both are from, empty for a registry that packages came from before.
    """

    gone: Locked | None
    came: Locked | None
    left: str = ""
    origin: str = ""

    @property
    def kind(self) -> str:
        """Added, changed or removed."""
        return "added" if not self.gone else "changed" if self.came else "removed"

    @property
    def package(self) -> str:
        """The name, and the version before and after."""
        locked = [package for package in (self.gone, self.came) if package]
        return f"{locked[0].name} {' -> '.join(package.version for package in locked)}"


def has_other_content(before: Locked, after: Locked) -> bool:
    """Whether two archives differ, as far as both are known by a hash of one kind: sha512-… or 10c0/…"""
    kinds = {found[0] for p in (before, after) if (found := re.match(r"\w+[-/]", p.integrity))}
    return len(kinds) == 1 and bool(before.integrity and after.integrity) and before.integrity != after.integrity


def compared(before: Sequence[Locked], after: Sequence[Locked]) -> list[Change]:
    """Return every change, by name."""
    registries = frozenset({PUBLIC, *(package.registry_host for package in before)})

    def by_key(packages: Iterable[Locked]) -> dict[tuple[str, str, str], Locked]:
        return {(p.name, p.version, p.origin(registries)): p for p in packages}

    old, new = by_key(before), by_key(after)
    same = {key for key in old.keys() & new.keys() if not has_other_content(old[key], new[key])}
    changes = []
    for name in sorted({key[0] for key in old.keys() | new.keys()}):
        gone, came = (sorted(key for key in side if key[0] == name and key not in same) for side in (old, new))
        for left, right in zip_longest(gone, came, fillvalue=(name, "", "")):
            changes.append(Change(old.get(left), new.get(right), left[2], right[2]))
    return changes


def in_words(age: timedelta) -> str:
    """Return an age in the largest unit of which it has two, or in hours."""
    for unit, hours in (("year", 365 * 24), ("day", 24), ("hour", 1)):
        count = int(age / timedelta(hours=hours))
        if count > 1 or unit == "hour":
            break
    return f"{count} {unit}{'' if count == 1 else 's'} old"


def notes(change: Change, facts: Facts) -> tuple[bool, list[str]]:
    """Return whether what came deserves a look, and what is to be known of it."""
    if change.came is None:
        return False, []
    found = []
    said = {change.came.has_script, facts.has_script}
    if True in said:
        found.append("install script")
    if change.origin:
        found.append(f"from {change.origin}")
    elif change.left:
        found.append(f"no longer from {change.left}")
    elif change.gone and change.gone.version == change.came.version:
        found.append("other content than before")
    is_young = facts.age is not None and facts.age < YOUNG
    age = "age unknown" if facts.age is None else in_words(facts.age)
    return bool(found) or is_young, [age, *([] if said & {True, False} else ["script unknown"]), *found]


def printable(line: str) -> str:
    """Return a line without what a terminal would obey: a lockfile may come from anybody."""
    return "".join(character if character.isprintable() else "?" for character in line)


def lines_of(changes: Sequence[Change], registry: Registry | None) -> list[str]:
    """Return a line for each change; the registry is asked about what came from one."""

    def facts(change: Change) -> Facts:
        return registry.facts(change.came) if registry and change.came and not change.origin else Facts()

    with ThreadPoolExecutor(QUESTIONS_AT_ONCE) as pool:
        known = list(pool.map(facts, changes))
    width = max((len(change.package) for change in changes), default=0)
    lines = []
    for change, about in zip(changes, known, strict=True):
        deserves_a_look, remarks = notes(change, about)
        mark = "!" if deserves_a_look else " "
        lines.append(printable(f"{mark} {change.kind:<8} {change.package:<{width}}  {', '.join(remarks)}".rstrip()))
    return lines


def committed(project: Path, since: str) -> tuple[str, bytes] | None:
    """Return name and content of the lockfile where HEAD left a commit, branch or tag; None if there was none."""
    verify = ("rev-parse", "--quiet", "--verify", "--end-of-options")
    found = git(*verify, f"{since}^{{commit}}", cwd=project, may_fail=True)
    if found.returncode != 0:
        raise Refused(f"{since}: git knows no such commit, branch or tag here")
    commit = found.stdout.decode().strip()
    base = git("merge-base", commit, "HEAD", cwd=project, may_fail=True).stdout.decode().strip() or commit
    for lockfile in READERS:
        blob = git("cat-file", "blob", f"{base}:./{lockfile}", cwd=project, may_fail=True)
        if blob.returncode == 0:
            return lockfile, blob.stdout
    return None


def run(arguments: argparse.Namespace) -> int:
    """Show what the change of a project's lockfile brings; raises Refused."""
    project = arguments.project.resolve()
    present = [name for name in READERS if (project / name).is_file()]
    if len(present) != 1:
        raise Refused(f"{arguments.project} has {' and '.join(present) or 'no lockfile'}")
    [name] = present
    before = committed(project, arguments.since)
    after = read(name, (project / name).read_bytes())
    changes = compared(read(*before) if before else [], after)
    registry = None if arguments.offline else Registry(project)
    lines = lines_of(changes, registry)
    counted = Counter(change.kind for change in changes)
    summary = ", ".join(f"{counted[kind]} {kind}" for kind in ("added", "changed", "removed") if counted[kind])
    print("\n".join([f"{name} since {arguments.since}: {summary or 'nothing changed'}", *lines]))
    for host, reasons in sorted(registry.failures.items() if registry else ()):
        if reasons:
            print(printable(f"{host} says nothing about some packages: {reasons[-1]}"), file=sys.stderr)
    return 0


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to the command line."""
    command = commands.add_parser(
        "lockfile",
        help="show what a change of the lockfile brings",
        description="Show which packages a change of the lockfile adds, changes and removes: versions, how long each "
        "has been public, install scripts, and origins other than the registry. Lines with a ! deserve a look.",
    )
    add = command.add_argument
    add("project", nargs="?", type=Path, default=Path(), help="folder of the project (default: this one)")
    add("--since", metavar="COMMIT", default="HEAD", help="commit, branch or tag to compare with (default: HEAD)")
    add("--offline", action="store_true", help="do not ask the registry: ages are unknown")
    command.set_defaults(run=run, refused="")
