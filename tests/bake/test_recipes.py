"""Every recipe of docs/recipes is small, is found, and applies to the projects that it is for; no Docker is needed.

That it does what it says, tests/docker/recipes proves.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

import recipe_pages
from support.baking import ROOT, BakedProject, bake
from support.combinations import CHOICES
from support.recipes import page
from support.recipes.anchored import HUNK, Sides, anchored, occurrences
from support.recipes.page import Page, file_diffs, git_apply, in_order, index_commands, pages

CHANGED_LINES = 40
COLUMNS = 100
LANGUAGES = ("typescript", "javascript")
USES = [
    pytest.param(recipe, framework, language, id=f"{recipe.name}-{framework}-{language}")
    for language in LANGUAGES
    for recipe in pages(language)
    for framework in recipe.frameworks
]


def test_there_are_recipes() -> None:
    assert len(pages()) >= 1
    assert all(recipe.frameworks for recipe in pages())


@pytest.mark.parametrize("recipe", pages(), ids=lambda recipe: recipe.name)
def test_every_framework_has_a_section_and_every_recipe_a_test(recipe: Page) -> None:
    """A section that is missing would leave its readers to guess; one that says "Not here:" gives the reason."""
    missing = [framework for framework in CHOICES["framework"] if not recipe.section(framework).strip()]
    assert missing == [] or (recipe.is_common and recipe.diff(missing[0]))
    assert (ROOT / f"tests/docker/recipes/test_{recipe.name.replace('-', '_')}.py").is_file()


def test_the_index_names_every_recipe_once() -> None:
    index = (page.RECIPES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(.+?)\]\((.+?)\) \| \[(.+?)\]\((.+?)\) \| .+ \|$", index, re.MULTILINE)
    names = [recipe.path.name for recipe in pages()]
    assert sorted(rows) == [(name, name, name, f"javascript/{name}") for name in names]


@pytest.mark.parametrize(("recipe", "framework", "language"), USES)
def test_it_is_small(recipe: Page, framework: str, language: str) -> None:
    """In JavaScript a diff is made by a program, and has no more lines: types went."""
    assert 0 < recipe.changed(framework) <= CHANGED_LINES
    diffs = file_diffs(recipe.diff(framework))
    assert [file.path for file in diffs if file.path.startswith("src/service/")] == []
    added = [line[1:] for file in diffs for line in file.text.splitlines() if line.startswith("+")]
    assert [line for line in added if len(line) > COLUMNS] == []
    assert language == "typescript" or not any(file.path.endswith(".ts") for file in diffs)


@pytest.mark.parametrize(("recipe", "framework", "language"), USES)
def test_packages_are_pinned(recipe: Page, framework: str, language: str) -> None:
    packages = [name for addition in recipe.additions(framework) for name in addition.packages.split()]
    assert [name for name in packages if not re.fullmatch(r"(@[\w.-]+/)?[\w.-]+@\d+\.\d+\.\d+", name)] == []
    assert language == "typescript" or not any(name.startswith("@types/") for name in packages)
    calls = "".join(recipe.fences("sh", framework)).count("make add ")
    assert calls == len(recipe.additions(framework)), "a call of make add is not in the form that the tests read"


Project = Callable[..., BakedProject]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """New projects by their answers, each baked once."""
    return cache(lambda **answers: bake(tmp_path_factory.mktemp("bake"), **answers))


@pytest.mark.parametrize(("recipe", "framework", "language"), USES)
def test_it_applies(project: Project, recipe: Page, framework: str, language: str, tmp_path: Path) -> None:
    """To a new project, after what it builds on."""
    folder = project(framework=framework, language=language, **recipe.answers).path
    shutil.copytree(folder, tmp_path / "project")
    for followed in recipe.chain:
        assert git_apply(followed.diff(framework), tmp_path / "project") == ""


def test_the_readme_says_of_telemetry_what_the_recipe_does(project: Project) -> None:
    """In a hook, and what has to be preloaded by the image's command, not by NODE_OPTIONS."""
    said = " ".join(project(framework="http", language="typescript").read("README.md").split())
    recipe = page.page_of("opentelemetry")
    assert "Telemetry starts in the hook `onStart`; what has to be preloaded, by `--import`, belongs in `CMD`" in said
    assert "+    telemetry,\n" in recipe.diff("http")
    assert "that `--import` preloads by `CMD` in the `Dockerfile`: not by `NODE_OPTIONS`" in " ".join(
        recipe.text.split()
    )
    assert not any(file.path in ("Dockerfile", ".env.example") for file in file_diffs(recipe.diff("http")))


# Recipes change lines of fastify's application that are different with pages; the index says so.
BY_HAND = {"fastify": {"cors", "openapi"}}


@pytest.mark.parametrize(
    ("metrics", "turned"), [("none", False), ("prometheus", True)], ids=["in-order", "with-metrics-in-reverse"]
)
@pytest.mark.parametrize("static", [False, True], ids=["alone", "with-pages"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_all_apply_to_one_project(
    project: Project, framework: str, language: str, static: bool, metrics: str, turned: bool, tmp_path: Path
) -> None:
    """In any order: each two of them stand here in both."""
    recipes = [recipe for recipe in pages(language) if framework in recipe.frameworks]
    answers = {name: value for recipe in recipes for name, value in recipe.answers.items()}
    if static:
        recipes = [recipe for recipe in recipes if recipe.name not in BY_HAND.get(framework, ())]
    else:
        recipes = [recipe for recipe in recipes if "pages" not in recipe.answers]
    answers["pages"] = "static" if static else "none"
    folder = project(framework=framework, language=language, metrics=metrics, **answers).path
    shutil.copytree(folder, tmp_path / "project")
    for recipe in in_order(recipes[::-1] if turned else recipes):
        assert (recipe.name, git_apply(recipe.diff(framework), tmp_path / "project")) == (recipe.name, "")
    json.loads((tmp_path / "project/package.json").read_text(encoding="utf-8"), object_pairs_hook=without_doubles)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_all_that_need_no_postgres_apply_to_one_with_sqlite(
    project: Project, framework: str, language: str, tmp_path: Path
) -> None:
    """The page for hackathons once chose it, and then sent its readers to a recipe that did not apply."""
    recipes = [recipe for recipe in pages(language) if framework in recipe.frameworks and not recipe.answers]
    assert "upload" in [recipe.name for recipe in recipes]
    shutil.copytree(project(framework=framework, language=language, database="sqlite").path, tmp_path / "project")
    for recipe in in_order(recipes):
        assert (recipe.name, git_apply(recipe.diff(framework), tmp_path / "project")) == (recipe.name, "")


@pytest.mark.parametrize("database", CHOICES["database"])
@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_a_change_has_one_place_whatever_the_answers(
    project: Project, framework: str, database: str, tmp_path: Path
) -> None:
    """Of several places git takes the nearest, without a word: the lines of Redis once went into Postgres' service."""
    answers = {"database": database, "pages": "static", "metrics": "prometheus"}
    folder = project(framework=framework, language="typescript", **answers).path
    by_hand = BY_HAND.get(framework, set())
    for recipe in pages():
        chain = {followed.name for followed in recipe.chain}
        if framework not in recipe.frameworks or chain & by_hand or not recipe.answers.items() <= answers.items():
            continue
        copy = tmp_path / recipe.name
        shutil.copytree(folder, copy)
        for diff in (diff for followed in recipe.chain for diff in followed.fences("diff", framework)):
            for file in file_diffs(diff):
                lines = (copy / file.old).read_text(encoding="utf-8").splitlines() if file.old else []
                places = [place for place in places_of(file) if file.old and occurrences(place, lines) != 1]
                assert (recipe.name, file.path, places) == (recipe.name, file.path, [])
            assert git_apply(diff, copy) == ""
        assert set(doubled(yaml.compose((copy / "compose.yaml").read_text(encoding="utf-8")))) <= {"depends_on"}


def places_of(file: page.FileDiff) -> list[list[str]]:
    """Return the lines by which git finds the place of each change of a file, as they were before it."""
    hunks = HUNK.split(file.text)[1:]
    return [[line[1:] for line in hunk.splitlines() if line[:1] in ("", " ", "-")] for hunk in hunks]


def doubled(node: yaml.Node | None) -> Iterator[str]:
    """Give each key that stands twice in a mapping of a YAML document, and in all that is in it."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from (key for key, count in Counter(keys).items() if count > 1)
    for child in [] if node is None or isinstance(node, yaml.ScalarNode) else node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from doubled(part)


def test_the_index_says_what_has_to_be_made_by_hand() -> None:
    text = " ".join((page.RECIPES / "README.md").read_text(encoding="utf-8").split())
    for framework, names in BY_HAND.items():
        links = " and ".join(f"[{name}.md]({name}.md)" for name in sorted(names))
        assert f"With {framework} and `pages=static`, {links} change lines that are different there" in text


def without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON; fails if it has a key twice, of which readers take the last."""
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def test_a_change_has_one_place() -> None:
    """A page whose changes have lines on both sides is shaped anew; one that fits nowhere for sure is refused."""
    assert anchored(["a\n", "b\n"], ["a\n", "x\n", "b\n"], Sides()) == "@@ -1 +1,2 @@\n a\n+x\n"
    assert anchored(["a\n", "b\n"], ["a\n", "x\n", "b\n"], Sides(before={"b"})) == "@@ -2 +2,2 @@\n+x\n b\n"
    assert anchored(["a\n", "b\n"], ["a\n", "x\n"], Sides()) == "@@ -2 +2 @@\n-b\n+x\n"
    with pytest.raises(ValueError, match="are only there"):
        anchored(["a\n"] * 9, ["a\n"] * 4 + ["x\n"] + ["a\n"] * 5, Sides())


PROGRAMS = {
    "curl": 'exec cat "$RECIPES/${2##*/}"\n',
    "git": 'echo "git $*"\nexec cat\n',
    "make": 'printf make; printf " %s" "$@"; echo\n',
}


@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_the_indexs_commands_take_the_diffs_and_add_the_packages(framework: str, tmp_path: Path) -> None:
    """What readers are told to do gives git, and make, what the tests give them."""
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    recipes = [recipe for recipe in pages() if framework in recipe.frameworks]
    script = index_commands(framework, *(recipe.name for recipe in recipes))
    env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "RECIPES": str(page.RECIPES)}
    printed = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, check=True).stdout
    wanted = ""
    for recipe in recipes:
        wanted += f"git apply --unidiff-zero\n{recipe.diff(framework)}"
        for addition in recipe.additions(framework):
            wanted += " ".join(["make add", *(f"{name}={value}" for name, value in addition.variables.items())]) + "\n"
    assert printed == f"{wanted}make format\n"


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page as `make javascript` writes it."""
    return recipe_pages.generate(tmp_path_factory.mktemp("derived"))


def test_pages_are_shaped_and_their_javascript_form_is_current(derived: dict[str, str]) -> None:
    assert recipe_pages.stale(derived) == [], "make javascript writes them anew"


def test_what_is_not_current_is_named(derived: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edited page, one that is missing, one whose recipe is gone."""
    shutil.copytree(page.RECIPES, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(page, "RECIPES", tmp_path)
    monkeypatch.setattr(recipe_pages, "RECIPES", tmp_path)
    edited = tmp_path / "javascript" / pages()[0].path.name
    edited.write_text(edited.read_text(encoding="utf-8").replace("+", "+ ", 1), encoding="utf-8")
    (tmp_path / "javascript/left-over.md").touch()
    wanted = {**derived, "javascript/missing.md": "# Missing\n"}
    names = sorted([edited.name, "left-over.md", "missing.md"])
    assert recipe_pages.stale(wanted) == [f"docs/recipes/javascript/{name}" for name in names]
    recipe_pages.write(wanted)
    assert recipe_pages.stale(wanted) == []


def test_a_diff_that_does_not_apply_is_told(project: Project) -> None:
    """The tests' own eyes: a line of context that the project does not have, and a blank at the end of a line."""
    recipe = pages()[0]
    framework = recipe.frameworks[0]
    diff, folder = recipe.diff(framework), project(framework=framework, language="typescript").path
    assert "does not apply" in git_apply(diff.replace("\n ", "\n x", 1), folder, "--check")
    blank = "--- /dev/null\n+++ b/src/new.ts\n@@ -0,0 +1 @@\n+const a = 1; \n"
    assert "trailing whitespace" in git_apply(blank, folder, "--check")


def test_lines_are_counted_as_git_counts_them() -> None:
    diff = (
        "--- a/x.ts\n+++ b/x.ts\n@@ -1,3 +1,3 @@\n a\n--- b\n+++ c\n d\n--- /dev/null\n+++ b/y.ts\n@@ -0,0 +1 @@\n+e\n"
    )
    assert [(file.path, file.changed) for file in file_diffs(diff)] == [("x.ts", 2), ("y.ts", 1)]


def test_pages_in_javascript_start_what_is_there() -> None:
    """Their projects have no compiler: nothing is in dist/ but what a front end's own tools write."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "recipes" / "javascript").glob("*.md")]
    assert len(texts) > 10
    assert re.findall(r"(?<!web/)\bdist/\S*|--enable-source-maps", "".join(texts)) == []
