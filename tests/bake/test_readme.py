"""The READMEs say what is true: the question table, the make targets, the environment, the commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from engine.client import OLDEST_COMPOSE, OLDEST_ENGINE
from locks import LOCKFILES
from support.baking import ROOT, Bake, BakedProject, bake_by_command
from support.combinations import CHOICES, QUESTIONS, Answers

IN_WORDS = {"project_slug": "slug of the name", "author": "(empty)"}


def table(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the table whose header row starts with `heading`."""
    rows = text[text.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_question_table_is_cookiecutter_json() -> None:
    rows = table((ROOT / "README.md").read_text(encoding="utf-8"), "question")
    assert [name.strip("`") for name, _, _ in rows] == list(QUESTIONS)
    for cell, default, rule in rows:
        name = cell.strip("`")
        question = QUESTIONS[name]
        if isinstance(question, list):
            assert rule.split(", ") == question, name
            question = question[0]
        assert default == IN_WORDS.get(name, question), name


def test_the_tests_accept_the_engines_that_the_generated_readme_names(bake: Bake) -> None:
    compose = ".".join(map(str, OLDEST_COMPOSE))
    line = f"Docker (Engine {OLDEST_ENGINE} or newer with buildx, Compose {compose} or newer)"
    assert line in bake().read("README.md")


def test_a_teams_file_answers_as_the_root_readme_says(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```yaml\n")[1].split("```")[0]
    assert "--config-file team.yaml" in text
    assert '--no-input project_name="Billing API"' in text
    (tmp_path / "team.yaml").write_text(block, encoding="utf-8")
    result = bake_by_command(tmp_path / "out", "--config-file", str(tmp_path / "team.yaml"), project_name="Billing API")
    assert result.returncode == 0, result.stderr
    project = tmp_path / "out" / "billing-api"
    package = json.loads((project / "package.json").read_text(encoding="utf-8"))
    given = yaml.safe_load(block)["default_context"]
    assert (package["author"], package["license"]) == (given["author"], given["license"])
    assert (project / "src" / "server.ts").exists()
    assert (project / ".gitlab-ci.yml").exists()


def targets(project: BakedProject) -> list[str]:
    """Return the targets that `make help` lists."""
    return re.findall(r"^([a-z]+):.*## ", project.read("Makefile"), re.MULTILINE)


WITH_TARGETS = [{key: choice} for key in ("orchestrator", "database") for choice in CHOICES[key]]


@pytest.mark.parametrize("answers", WITH_TARGETS, ids=str)
def test_generated_readme_lists_every_make_target(bake: Bake, answers: Answers) -> None:
    project = bake(**answers)
    rows = table(project.read("README.md"), "target")
    said = {name.strip("`").removeprefix("make "): what for name, what in rows}
    assert said == dict(re.findall(r"^([a-z]+):.*## (.*)$", project.read("Makefile"), re.MULTILINE))
    mentioned = set(re.findall(r"`?make ([a-z]+)", project.read("README.md")))
    assert mentioned <= {*targets(project)}, "a command that does not exist"


def test_generated_readme_names_the_recipes_once(bake: Bake) -> None:
    """By an address in the template's repository: the bake itself holds none of them."""
    project = bake()
    names = re.findall(
        r"https://github.com/org/node-multi-stage/blob/main/(\S+recipes\S+)\)", project.read("README.md")
    )
    assert [(ROOT / name).is_file() for name in names] == [True]
    assert [path for path in project.files if "recipes" in path] == []


# What no owner looks for in a list of what to edit.
NEEDS_NO_ROW = {
    *("README.md", "LICENSE", ".dockerignore", ".env.example", ".gitattributes", ".gitignore"),
    *(".npmrc", ".yarnrc.yml", "pnpm-workspace.yaml", *LOCKFILES.values()),
}


OTHER_ANSWERS = [{key: choice} for key, choices in CHOICES.items() for choice in choices[1:]]
CHANGES_NO_FILES_NAME = ("license", "node_version", "runtime_image")


@pytest.mark.parametrize("answers", [{}, *(a for a in OTHER_ANSWERS if not {*a} & {*CHANGES_NO_FILES_NAME})], ids=str)
def test_generated_readme_says_what_each_file_is(bake: Bake, answers: Answers) -> None:
    """Each path in its table exists; each file is in the table, or in a folder that is."""
    project = bake(**answers)
    named = {path for cell, _ in table(project.read("README.md"), "path") for path in re.findall("`(.+?)`", cell)}
    assert [path for path in named if not (project.path / path).exists()] == []
    folders = tuple(path for path in named if path.endswith("/"))
    assert [f for f in project.files if f not in named | NEEDS_NO_ROW and not f.startswith(folders)] == []


@pytest.mark.parametrize("answers", WITH_TARGETS, ids=str)
def test_generated_readmes_tables_fit_a_screen(bake: Bake, answers: Answers) -> None:
    text = bake(**answers).read("README.md")
    cells = [cell for line in text.splitlines() if line.startswith("| ") for cell in line.strip("|").split(" | ")]
    assert [cell for cell in cells if len(cell) > 100] == []
    assert len(table(text, "target")) <= 24


def test_generated_readme_lists_every_variable_of_the_service(bake: Bake) -> None:
    project = bake()
    rows = {name.strip("`"): default for name, default, _ in table(project.read("README.md"), "variable")}
    settings = project.read("src/service/settings.js")
    read = dict(re.findall(r"'([A-Z][A-Z_]+)',\s+(?:Math\.min\()?'?([\w.:/]+)", settings))
    assert rows == read
    example = dict(line.split("=") for line in project.read(".env.example").splitlines() if "=" in line)
    # What compose.yaml and the Dockerfile set: a copy of the example would override it.
    assert example == {k: v for k, v in rows.items() if k not in ("PORT", "HOST", "HEALTHCHECK_PATH")}


def test_root_readme_mentions_only_targets_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    own = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    parts = [ROOT / "{{cookiecutter.project_slug}}/Makefile", *(ROOT / "templates/deploy").glob("*.mk")]
    generated = [name for part in parts for name in re.findall(r"^([a-z]+):.*## ", part.read_text(), re.M)]
    assert set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", text, re.MULTILINE)) <= {
        (name, "") for name in (*own, *generated)
    } | {("", name) for name in (*own, *generated)}


def test_the_root_readme_says_what_minimal_lacks() -> None:
    """Where it says when to pick slim: native code knows no time zones there, silently."""
    paragraph = next(p for p in (ROOT / "README.md").read_text(encoding="utf-8").split("\n\n") if "**slim**" in p)
    for lacking in ("no shell", "time zone files", "always UTC", "local time"):
        assert lacking in paragraph.replace("\n", " ")
