"""A choice that is offered is fully there: no two choices of a question give the same project."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from support.baking import SLUG, bake, bake_by_command, copy_of_template, tree
from support.combinations import CHOICES


def files(project: Path) -> dict[str, object]:
    """Return what a bake wrote, without the file that only repeats the answers."""
    return {name: file for name, file in tree(project).items() if name != ".node-multi-stage.json"}


def same(baked: dict[str, dict[str, object]]) -> list[tuple[str, str]]:
    """Return the pairs of choices whose projects do not differ."""
    return [(a, b) for a, b in itertools.combinations(baked, 2) if baked[a] == baked[b]]


@pytest.mark.parametrize("question", CHOICES)
def test_every_choice_makes_a_difference(tmp_path: Path, question: str) -> None:
    choices = CHOICES[question]
    assert same({choice: files(bake(tmp_path / choice, {question: choice}).path) for choice in choices}) == []


# A Node line is only a name in FROM: whether it exists shows when the image tests build it.
@pytest.mark.parametrize("question", [key for key in CHOICES if key != "node_version"])
def test_a_choice_that_is_only_named_is_noticed(tmp_path: Path, question: str) -> None:
    """Add a choice to cookiecutter.json and nothing else: it must not bake, or must be seen to change nothing."""
    template = copy_of_template(tmp_path)
    path = template / "cookiecutter.json"
    questions = json.loads(path.read_text(encoding="utf-8"))
    questions[question].append("new-choice")
    path.write_text(json.dumps(questions), encoding="utf-8")
    baked = {}
    # By the command: in this process the rules are those of the choices as they are.
    for choice in questions[question]:
        result = bake_by_command(tmp_path / choice, template=template, **{question: choice})
        if result.returncode != 0:
            assert choice == "new-choice", result.stderr
            assert "is refused" not in result.stderr
            return
        baked[choice] = files(tmp_path / choice / SLUG)
    assert same(baked) != []
