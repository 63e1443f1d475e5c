"""A good template is small and plain, because somebody owns and reads every line (docs/design-decisions.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from locks import LOCKFILES
from support.baking import ROOT, BakedProject, bake
from support.combinations import CHOICES, Answers, label, pairwise_cover
from support.reading import (
    FUNCTION_LINES,
    RECIPE_LINES,
    RUN_LINES,
    folded_lines,
    functions,
    instructions,
    recipes,
    wide_lines,
    without_mounts,
)

HOOK_LINES = 110
# Of one file in scripts/, with any answers.
SCRIPT_LINES = 160
# What any answer but the default may add to a limit: a quarter; what these choices add to each file or half of src.
OTHER_ANSWERS = 1.25
ADDED = {"database": 60, "pages": 60, "metrics": 60}
# What the template keeps of the sources of a database, and needs none of an owner's edits.
DATABASE = ("src/database.", "src/migrate.")


@dataclass(frozen=True)
class Budget:
    """A number that the default answers keep to."""

    name: str
    limit: int
    count: Callable[[BakedProject], int]
    # What a database adds, if that is another number: counted on the project with the most lines.
    database: int = ADDED["database"]

    def allowed(self, answers: Answers) -> float:
        """Return the limit for these answers."""
        other = any(answers[key] != choices[0] for key, choices in CHOICES.items())
        added = {**ADDED, "database": self.database}
        return self.limit * (OTHER_ANSWERS if other else 1) + sum(
            lines for key, lines in added.items() if answers.get(key, "none") != "none"
        )


def lines(project: BakedProject, *begins: str) -> int:
    """Return the number of lines of the files whose path begins so."""
    return sum(len(project.read(path).splitlines()) for path in project.files if path.startswith(begins))


BUDGETS = [
    Budget("files", 57, lambda project: len(project.files)),
    Budget("Dockerfile", 150, lambda project: lines(project, "Dockerfile")),
    Budget("Makefile", 170, lambda project: lines(project, "Makefile")),
    Budget(
        "the owner's half of src",
        130,
        lambda project: lines(project, "src/") - lines(project, "src/service/", *DATABASE),
        # The notes: a resource with schemas, pages and a key, and its statements.
        database=120,
    ),
    # Pool, limits, waiting, transactions; the runner of migrations has sixty lines of them.
    Budget("the database's part of src", 0, lambda project: lines(project, *DATABASE), database=285),
    Budget("scripts", 1351, lambda project: lines(project, "scripts/")),
    Budget("the service's half of src", 825, lambda project: lines(project, "src/service/")),
]


@pytest.fixture(scope="module", params=pairwise_cover(), ids=label)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """Every two choices of different questions together; the default answers among them."""
    return bake(tmp_path_factory.mktemp("budgets"), request.param)


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("default"))


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.name)
def test_default_answers(default: BakedProject, budget: Budget) -> None:
    assert budget.count(default) <= budget.limit


def test_other_answers(project: BakedProject) -> None:
    counted = {budget.name: (budget.count(project), budget.allowed(project.answers)) for budget in BUDGETS}
    assert {name: numbers for name, numbers in counted.items() if numbers[0] > numbers[1]} == {}


def test_post_gen_hook() -> None:
    text = (ROOT / "hooks" / "post_gen_project.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= HOOK_LINES


def read(project: BakedProject, suffixes: tuple[str, ...] = ("",)) -> Iterator[tuple[str, str]]:
    """Yield path and text of every file with one of these ends, except lockfiles, which are not written by hand."""
    for path in project.files:
        if path.endswith(suffixes) and path not in LOCKFILES.values():
            yield path, project.read(path)


def test_columns(project: BakedProject) -> None:
    assert {path: wide for path, text in read(project) if (wide := wide_lines(text))} == {}


def test_one_command_per_line(project: BakedProject) -> None:
    """In RUN lines, recipes and scripts; quoted programs of other languages are not looked into."""
    commands = dict(read(project, (".sh",)))
    commands["Dockerfile"] = "\n".join(
        line for run in instructions(project.read("Dockerfile"), "RUN") for line in without_mounts(run)
    )
    commands["Makefile"] = "\n".join(line for recipe in recipes(project.read("Makefile")).values() for line in recipe)
    assert {path: folded for path, text in commands.items() if (folded := folded_lines(text))} == {}


def test_lines_of_a_run(project: BakedProject) -> None:
    runs = [without_mounts(run) for run in instructions(project.read("Dockerfile"), "RUN")]
    assert [run for run in runs if len(run) > RUN_LINES] == []


def test_lines_of_a_recipe(project: BakedProject) -> None:
    found = recipes(project.read("Makefile"))
    assert len(found) > 15
    assert {target: recipe for target, recipe in found.items() if len(recipe) > RECIPE_LINES} == {}


def test_lines_of_a_script(project: BakedProject) -> None:
    found = {path: lines(project, path) for path in project.files if path.startswith("scripts/")}
    assert len(found) > 10
    assert {path: length for path, length in found.items() if length > SCRIPT_LINES} == {}


def test_lines_of_a_function(project: BakedProject) -> None:
    """In src/ and scripts/, whatever the language."""
    found = {
        f"{path}: {first}": length
        for path, text in read(project)
        if path.startswith(("src/", "scripts/"))
        for first, length in functions(text).items()
    }
    for kind in ("src/", "scripts/doctor.sh", "scripts/env.awk", "scripts/image/production.mjs"):
        assert any(name.startswith(kind) for name in found), kind
    assert {name: length for name, length in found.items() if length > FUNCTION_LINES} == {}
