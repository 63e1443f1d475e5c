"""Where a run of pytest keeps the names of all tests that it found, those that its options leave out included."""

from __future__ import annotations

import pytest

COLLECTED = pytest.StashKey[set[str]]()
