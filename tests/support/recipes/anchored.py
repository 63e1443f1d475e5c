"""Diffs of which each change names one place: the lines just before it, or just after it, as few as are only there.

Ordinary diffs have three lines on both sides, so two that insert at the same place exclude each other. `git apply
--unidiff-zero` takes these in any order. What comes first in the file, the change or what another recipe has put at the
same place, is decided by the side: a change after a line comes right after it, one before a line right before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

HUNK = re.compile(r"^@@ .*\n", re.MULTILINE)
LINES = 3  # as many as git shows


@dataclass(frozen=True)
class Sides:
    """Beginnings of lines that a diff inserts something after, and before, with nothing of the other side."""

    after: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)


def beginning(line: str) -> str:
    """Return what a line of TypeScript and its form in JavaScript have in common: what is before its parameters."""
    return line.rstrip("\n").split("(", 1)[0]


def sides_of(diff: str, rename: Callable[[str], str]) -> Sides:
    """Return the sides that the hunks of one file have; `rename` gives a line's form in the language that is wanted."""
    sides = Sides()
    for hunk in HUNK.split(diff)[1:]:
        lines = hunk.splitlines()
        added = [index for index, line in enumerate(lines) if line.startswith("+")]
        if len(added) in (0, len(lines)) or any(line.startswith("-") for line in lines):
            continue
        if added[0] == 0:
            sides.before.add(beginning(rename(lines[added[-1] + 1][1:])))
        elif added[-1] == len(lines) - 1:
            sides.after.add(beginning(rename(lines[added[0] - 1][1:])))
    return sides


def occurrences(block: list[str], lines: list[str]) -> int:
    """Return how often consecutive lines stand in others."""
    return sum(lines[index : index + len(block)] == block for index in range(len(lines) - len(block) + 1))


def needed(lines: list[str], start: int, end: int, step: int) -> int:
    """Return how many lines before (-1) or after (1) a change make its place the only one; many if none do."""
    for count in range(1, LINES + 1):
        block = lines[start - count : end] if step < 0 else lines[start : end + count]
        is_whole = len(block) == end - start + count and any(line.strip() for line in block)
        if is_whole and occurrences(block, lines) == 1:
            return count
    return len(lines) + 1


def context(lines: list[str], start: int, end: int, sides: Sides) -> tuple[int, int]:
    """Return how many lines before and after a change of lines[start:end] a hunk shows."""
    if end > start and occurrences(lines[start:end], lines) == 1:
        return 0, 0
    leading, trailing = needed(lines, start, end, -1), needed(lines, start, end, 1)
    wants_trailing = end < len(lines) and beginning(lines[end]) in sides.before
    wants_leading = start > 0 and beginning(lines[start - 1]) in sides.after
    if wants_trailing or (trailing < leading and not wants_leading):
        return 0, trailing
    if leading > len(lines):
        raise ValueError(f"no {LINES} lines beside line {start + 1} are only there")
    return leading, 0


def span(start: int, count: int) -> str:
    """Return a range of a hunk's first line: its first line and, unless it is one, the number of lines."""
    first = start + 1 if count else start
    return f"{first}" if count == 1 else f"{first},{count}"


def anchored(before: list[str], after: list[str], sides: Sides) -> str:
    """Return the hunks that lead from the lines of a file to others. Raises ValueError if a change has no one place."""
    text = ""
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        leading, trailing = context(before, i1, i2, sides) if before else (0, 0)
        old, new = i2 - i1 + leading + trailing, j2 - j1 + leading + trailing
        text += f"@@ -{span(i1 - leading, old)} +{span(j1 - leading, new)} @@\n"
        text += "".join(f" {line}" for line in before[i1 - leading : i1])
        text += "".join(f"-{line}" for line in before[i1:i2])
        text += "".join(f"+{line}" for line in after[j1:j2])
        text += "".join(f" {line}" for line in before[i2 : i2 + trailing])
    return text
