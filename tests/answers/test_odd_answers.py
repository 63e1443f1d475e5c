"""Tries every bad and odd answer and keeps the table in docs/results/answers.md.

`UPDATE_DOCS=1` rewrites the table; without it a table that differs from what happened fails.
"""

from __future__ import annotations

import json
import os
import re
from itertools import groupby
from pathlib import Path

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException

from support.baking import ROOT, BakedProject, tree
from support.literal_baking import LiteralBake
from support.odd_inputs import HOSTILE, OddAnswer, odd_answers
from support.readme_text import shown_text

TABLE = ROOT / "docs" / "results" / "answers.md"
ONE_CHARACTER = re.compile(r"^character \d+, U\+[0-9A-F]+, is ")
HEAD = """# Bad and odd answers

Written by `UPDATE_DOCS=1 make test-bake`, which tries each of these {count} answers; a test compares the two.
{refused} are refused with one line before anything is written, {kept} are kept exactly: `package.json` gives
them back to two parsers, the README shows them as text, LICENSE holds them. These answers are typed, or come
from a replay file; what `--no-input` and a configuration file change first: [../answers.md](../answers.md).
"""


def outcome(odd: OddAnswer, bake: LiteralBake, out: Path) -> str:
    """Bake one odd answer; return the rule that refused it, or "kept" once it was found unharmed."""
    try:
        project = bake(out, answers={odd.question: odd.value})
    except FailedHookException as refusal:
        line = str(refusal)
        assert line.startswith(f"{odd.question}: ")
        assert " is refused: " in line
        assert line.isprintable(), "one line, with nothing invisible in it"
        assert len(line) < 250
        assert not tree(out), "nothing is written"
        return line.split(" is refused: ")[1].split("; try ")[0]
    assert_kept(project, odd)
    return "kept"


def assert_kept(project: BakedProject, odd: OddAnswer) -> None:
    """Find the answer in every file that shows it, unchanged."""
    if odd.question == "port":
        assert project.answers["port"] == odd.value
        return
    package = project.read("package.json")
    assert json.loads(package) == yaml.safe_load(package)
    if odd.question == "project_slug":
        assert json.loads(package)["name"] == odd.value == project.path.name
    elif odd.question in ("description", "author") and (odd.value or odd.question in json.loads(package)):
        assert json.loads(package)[odd.question] == odd.value
    if odd.question in ("project_name", "description") and odd.value:
        assert odd.value in shown_text(project.read("README.md"))
    holder = project.answers["author"] or project.answers["project_name"]
    assert f"Copyright (c) {holder}\n" in project.read("LICENSE")


def cell(value: str) -> str:
    """Show a value as a code span in a table: every character visible, long ones shortened."""
    shown = ascii(value)
    if len(shown) > 60:
        shown = f"{shown[:24]}...{shown[-5:]} ({len(value)} characters)"
    escaped = shown.replace("|", "\\|")
    return f"`` {escaped} ``" if "`" in escaped else f"`{escaped}`"


def test_odd_answers_are_refused_or_kept_as_the_table_says(literal_bake: LiteralBake, tmp_path: Path) -> None:
    """At least 150 of them, each with its fate."""
    odds = odd_answers()
    assert len(odds) == len(set(odds)) >= 150
    wrong: list[str] = []
    fates: list[tuple[OddAnswer, str]] = []
    for number, odd in enumerate(odds):
        (out := tmp_path / str(number)).mkdir()
        fate = outcome(odd, literal_bake, out)
        fates.append((odd, fate))
        if odd.rule not in fate or (fate == "kept") == bool(odd.rule):
            wrong.append(f"{odd.question} {odd.value!r}: expected {odd.rule or 'kept'!r}, got {fate!r}")
    assert not wrong, "\n".join(wrong)

    refused = sum(fate != "kept" for _, fate in fates)
    text = HEAD.format(count=len(fates), refused=refused, kept=len(fates) - refused)
    for question, its_fates in groupby(fates, key=lambda pair: pair[0].question):
        text += f"\n## {question}\n\n| outcome | answers |\n| --- | --- |\n"
        for fate, alike in groupby(its_fates, key=lambda pair: ONE_CHARACTER.sub("", pair[1])):
            values = [odd.value for odd, _ in alike]
            text += f"| {fate} | {' '.join(cell(value) for value in values if value not in HOSTILE)}"
            text += " and every hostile text below |\n" if set(HOSTILE) <= set(values) else " |\n"
    text += f"\n## Hostile text\n\n{' '.join(map(cell, HOSTILE))}\n"
    if os.environ.get("UPDATE_DOCS"):
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(text, encoding="utf-8", newline="\n")
    assert TABLE.read_text(encoding="utf-8") == text, "run again with UPDATE_DOCS=1 and commit docs/results/answers.md"


@pytest.mark.parametrize("question", ["project_name", "description", "author", "project_slug", "port"])
def test_every_free_question_has_odd_answers_of_both_kinds(question: str) -> None:
    """A new rule without its cases would be a rule nobody tried."""
    fates = {bool(odd.rule) for odd in odd_answers() if odd.question == question}
    assert fates == {True, False}
