"""A choice that is offered is fully there: no two choices of a question give the same project."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from support.baking import ROOT, bake, copy_of_template, tree
from support.combinations import CHOICES


def projects(folder: Path, template: Path, question: str, choices: list[str]) -> dict[str, dict[str, object]]:
    """Bake each choice of one question, the defaults for the others; return every file by choice."""
    return {choice: dict(tree(bake(folder / choice, {question: choice}, template=template).path)) for choice in choices}


def same(baked: dict[str, dict[str, object]]) -> list[tuple[str, str]]:
    """Return the pairs of choices whose projects do not differ."""
    return [(a, b) for a, b in itertools.combinations(baked, 2) if baked[a] == baked[b]]


@pytest.mark.parametrize("question", CHOICES)
def test_every_choice_makes_a_difference(tmp_path: Path, question: str) -> None:
    assert same(projects(tmp_path, ROOT, question, CHOICES[question])) == []


# A Node line is only a name in FROM: whether it exists shows when the image tests build it.
@pytest.mark.parametrize("question", [key for key in CHOICES if key != "node_version"])
def test_a_choice_that_is_only_named_is_noticed(tmp_path: Path, question: str) -> None:
    """Add a choice to cookiecutter.json and nothing else: it must not bake, or must be seen to change nothing."""
    template = copy_of_template(tmp_path)
    path = template / "cookiecutter.json"
    questions = json.loads(path.read_text(encoding="utf-8"))
    questions[question].append("new-choice")
    path.write_text(json.dumps(questions), encoding="utf-8")
    try:
        baked = projects(tmp_path / "out", template, question, [*CHOICES[question], "new-choice"])
    except (TemplateNotFound, KeyError):
        return
    except Exception as error:
        assert "new-choice" in str(error) or "undefined" in str(error).lower()  # noqa: PT017
        return
    assert same(baked) != []
