"""What a mutant is, and how it finds and changes its file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from support.baking import PROJECT


@dataclass(frozen=True)
class Mutant:
    """One change for the worse, and the test that must notice it.

    `file` is a path in the repository, with `project/` for the template's directory and without the conditions
    in a file's name. `old` stands in it exactly `times` times. `test` is a pytest node id below tests/.
    `why` says in one line what an owner of a project would suffer.
    """

    name: str
    file: str
    old: str
    new: str
    test: str
    why: str
    times: int = 1

    @property
    def docker(self) -> bool:
        """Whether its test needs an engine."""
        return self.test.startswith("docker/")


class DoesNotApply(Exception):
    """The list has rotted: a file is gone, or the text in it is no longer there."""


def plain_name(path: str) -> str:
    """Return the path as mutants write it: `project/` for the template's directory, no conditions."""
    return re.sub(r"\{%.*?%\}", "", path).replace(f"{PROJECT}/", "project/", 1)


def find(mutant: Mutant, paths: Iterable[str]) -> str:
    """Return which of the repository's paths a mutant means; raises DoesNotApply unless it is one."""
    found = [path for path in paths if plain_name(path) == mutant.file]
    if len(found) != 1:
        raise DoesNotApply(f"{mutant.name}: {len(found)} files are {mutant.file}")
    return found[0]


def mutated(mutant: Mutant, text: str) -> str:
    """Return the file's text with the change; raises DoesNotApply unless `old` stands there as often as said."""
    count = text.count(mutant.old)
    if count != mutant.times:
        raise DoesNotApply(f"{mutant.name}: {mutant.file} has {mutant.old!r} {count} times, not {mutant.times}")
    return text.replace(mutant.old, mutant.new)


def apply(mutant: Mutant, root: Path, paths: Iterable[str]) -> None:
    """Change the mutant's file below `root`, which holds these paths; raises DoesNotApply."""
    path = root / find(mutant, paths)
    text = path.read_bytes().decode("utf-8")
    path.write_bytes(mutated(mutant, text).encode("utf-8"))
