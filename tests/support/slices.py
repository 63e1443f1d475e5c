"""Slices of lists that are too long for every run: the tested tree itself chooses which one runs.

So CI runs the slice that its author's last run ran, and over many changes every slice has its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from support.repository import repository_files, tree_hash

T = TypeVar("T")


def slice_number(count: int, given: str = "") -> int:
    """Return which of `count` slices runs: the one given (SLICE=n on make's command line), else the tree's."""
    if given:
        number = int(given)
        if not 0 <= number < count:
            raise SystemExit(f"SLICE must be 0 to {count - 1}, not {number}")
        return number
    return tree_hash(repository_files()) % count


def members(items: Sequence[T], number: int, count: int) -> list[T]:
    """Return every item of a slice: each `count`-th, so that neighbours are spread over all slices."""
    return list(items[number::count])
