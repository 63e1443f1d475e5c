"""Prints the table of combinations that were built and run, and writes docs/combinations.md from a full run."""

from __future__ import annotations

import os
import platform
from typing import Any

import pytest

from baking import ROOT
from combinations import INTERACTING, every_combination

DOCUMENT = ROOT / "docs" / "combinations.md"
TEXT = """# Every combination, built and run

Written by `UPDATE_DOCS=1 make test-all`: {passed} of {total} combinations were baked, built, run, asked over HTTP,
looked into, stopped, linted, tested, sized and cleaned up. Start is the time from the engine's start of the container
to the first 200 of `/readyz`, on {cores} cores shared by two workers: it compares rows, not machines. Build is what
`make build` took with whatever was in the build cache. {held}

| {names} | result | image MB | start ms | build s |
|{rules}|---|---|---|---|
{rows}
"""


def rows(terminal: Any) -> list[dict[str, Any]]:
    """Return what each test of a combination recorded, with its outcome."""
    found = {}
    for outcome in ("passed", "failed"):
        for report in terminal.stats.get(outcome, []):
            recorded = dict(getattr(report, "user_properties", []))
            if "combination" in recorded:
                found[recorded["combination"]] = {**recorded, "result": outcome}
    return [found[key] for key in sorted(found)]


def line(row: dict[str, Any]) -> str:
    """Return one combination as a row of the table."""
    answers = row["combination"].split("-")
    values = [row["result"], *(str(row.get(key, "")) for key in ("image_mb", "start_ms", "build_s"))]
    return "| " + " | ".join([*answers, *values]) + " |"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the table at the end of a run that built combinations."""
    table = rows(terminalreporter)
    if not table:
        return
    terminalreporter.section("combinations")
    for row in table:
        terminalreporter.write_line(line(row))
    total = len(every_combination())
    if os.environ.get("UPDATE_DOCS") != "1" or len(table) != total:
        return
    passed = sum(row["result"] == "passed" for row in table)
    text = TEXT.format(
        passed=passed,
        total=total,
        cores=os.cpu_count(),
        held=f"The machine: {platform.system()} {platform.machine()}.",
        names=" | ".join(key.replace("_", " ") for key in INTERACTING),
        rules="---|" * (len(INTERACTING) - 1) + "---",
        rows="\n".join(line(row) for row in table),
    )
    DOCUMENT.write_text(text, encoding="utf-8")
