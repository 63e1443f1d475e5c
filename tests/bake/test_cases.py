"""docs/results/cases.md: every test that it names exists, and every case names one."""

from __future__ import annotations

import re

import pytest

from support.baking import ROOT
from support.collection import existing

ROWS = re.findall(r"(?m)^\| ([A-C]\d+) .*\| (.+) \|$", (ROOT / "docs/results/cases.md").read_text(encoding="utf-8"))
LAST = {"A": 20, "B": 32, "C": 8}


def test_every_case_is_there_once_and_held() -> None:
    assert [case for case, _ in ROWS] == [f"{kind}{n}" for kind, last in LAST.items() for n in range(1, last + 1)]
    assert [case for case, held_by in ROWS if "`" not in held_by] == []


def test_every_test_that_holds_one_exists(pytestconfig: pytest.Config) -> None:
    named = {f"tests/{test}" for _, held_by in ROWS for test in re.findall(r"`([^`]+)`", held_by)}
    assert named - existing(named, pytestconfig) == set()
