"""Which tests there are, by the names that pytest gives them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Set

import pytest

from support.baking import ROOT

# The names of all tests that a run of pytest has found, those that its options leave out included.
COLLECTED = pytest.StashKey[set[str]]()


def existing(names: Set[str], config: pytest.Config) -> set[str]:
    """Return those of the names, of files, functions or single tests, that exist.

    Asks this run of pytest, and another one about what this run was not told to look at.
    """
    collected: set[str] = config.stash[COLLECTED]
    known = with_shorter(collected)
    files = sorted({name.partition("::")[0] for name in names - known})
    files = [name for name in files if (ROOT / name).is_file()]
    if files:
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        known |= with_shorter({line for line in found.splitlines() if "::" in line})
    return set(names) & known


def with_shorter(names: Set[str]) -> set[str]:
    """Return the names of tests, those without parameters, and their files."""
    return {*names, *(name.partition("[")[0] for name in names), *(name.partition("::")[0] for name in names)}
