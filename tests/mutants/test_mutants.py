"""The list of mutants has not rotted, and the runner tells a killed one from a survivor."""

from __future__ import annotations

from collections import Counter

import pytest

from mutants.every import MUTANTS
from mutants.mutant import DoesNotApply, Mutant, find, mutated
from support.baking import ROOT
from support.collection import existing
from support.repository import repository_files


def rotten(mutant: Mutant, paths: list[str]) -> str:
    """Return why a mutant no longer applies, or an empty string."""
    try:
        text = (ROOT / find(mutant, paths)).read_bytes().decode("utf-8")
        return "" if mutated(mutant, text) != text else f"{mutant.name}: it changes nothing"
    except DoesNotApply as error:
        return str(error)


def test_every_mutant_still_applies() -> None:
    paths = repository_files()
    problems = [problem for mutant in MUTANTS if (problem := rotten(mutant, paths))]
    assert not problems, "\n".join(problems)


def test_names_are_unique_and_reasons_short() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []
    assert [mutant.name for mutant in MUTANTS if not mutant.why or "\n" in mutant.why or "|" in mutant.why] == []


def test_every_killing_test_exists(pytestconfig: pytest.Config) -> None:
    tests = {f"tests/{mutant.test}" for mutant in MUTANTS}
    assert tests - existing(tests, pytestconfig) == set()


def test_a_test_that_does_not_exist_is_told(pytestconfig: pytest.Config) -> None:
    """Of a file that this run has looked at, of one that it may not have, and of none."""
    here = "tests/mutants/test_mutants.py"
    other = "tests/bake/test_parts.py"
    gone = {f"{here}::test_gone", f"{here}::test_gone[x]", f"{other}::test_gone", "tests/bake/test_gone.py::test_gone"}
    there = {
        here,
        f"{here}::test_a_file_is_found_without_its_condition",
        f"{other}::test_a_part_that_does_not_exist_is_one_line",
    }
    assert existing(gone | there, pytestconfig) == there


def a_mutant(**changes: object) -> Mutant:
    """Return a mutant of the licence, with some fields changed."""
    fields = {"name": "x", "file": "LICENSE", "old": "MIT", "new": "GPL", "test": "a.py::b", "why": "c", **changes}
    return Mutant(**fields)  # type: ignore[arg-type]


def test_a_text_that_is_gone_or_not_alone_is_an_error() -> None:
    assert mutated(a_mutant(), "an MIT licence") == "an GPL licence"
    assert mutated(a_mutant(times=2), "MIT and MIT") == "GPL and GPL"
    for text in ("another licence", "MIT and MIT"):
        with pytest.raises(DoesNotApply):
            mutated(a_mutant(), text)


def test_a_file_is_found_without_its_condition() -> None:
    folder = "{{cookiecutter.project_slug}}/deploy"
    paths = [f"{folder}/{{% if cookiecutter.x == 'y' %}}a.yaml{{% endif %}}", f"{folder}/b.yaml", "a.yaml"]
    assert find(a_mutant(file="project/deploy/a.yaml"), paths) == paths[0]
    assert find(a_mutant(file="project/deploy/b.yaml"), paths) == paths[1]
    with pytest.raises(DoesNotApply):
        find(a_mutant(file="project/deploy/c.yaml"), paths)
