"""The rules of cookiecutter.json and extension/rules.py that no single odd answer shows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from cookiecutter.exceptions import FailedHookException

import local_extensions
from extension import rules
from extension.filters import default_port
from support.baking import ROOT, bake, node, tree
from support.combinations import QUESTIONS
from support.literal_baking import LiteralBake

TEMPLATE = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))


def test_every_question_and_every_choice_has_a_label() -> None:
    """Rich reads square brackets in a label as markup and hides them."""
    prompts = TEMPLATE["__prompts__"]
    assert list(prompts) == list(QUESTIONS)
    for question in QUESTIONS:
        label = prompts[question]
        if isinstance(TEMPLATE[question], list):
            assert set(label) == {"__prompt__", *TEMPLATE[question]}
        for text in label.values() if isinstance(label, dict) else [label]:
            assert text.strip()
            assert not set("[]") & set(text)


def test_the_default_answers_are_those_of_the_tutorial(tmp_path: Path) -> None:
    """`--no-input` must give the service that the tutorial builds."""
    answers = bake(tmp_path).answers
    assert answers["project_slug"] == "node-multi-stage-app"
    assert (answers["language"], answers["framework"], answers["port"]) == ("javascript", "express", "3000")


def test_no_private_key_is_unused() -> None:
    """A derived value that no file uses is one more thing to keep right."""
    used = "".join(
        f"{path.relative_to(ROOT)}\n{path.read_bytes().decode('utf-8', 'replace')}"
        for folder in ("{{cookiecutter.project_slug}}", "templates", "hooks")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "node_modules" not in path.parts
    ) + json.dumps({key: value for key, value in TEMPLATE.items() if key != "__prompts__"})
    derived = [key for key in TEMPLATE if key.startswith("__") and key != "__prompts__"]
    assert [key for key in derived if not re.search(rf"cookiecutter\.{key}\b", used)] == []


def test_no_core_module_is_an_acceptable_slug() -> None:
    """The list is that of the newest Node line; any Node no newer than that finds its own modules in it."""
    script = "console.log(JSON.stringify([process.versions.node, require('module').builtinModules]))"
    version, modules = json.loads(subprocess.check_output([node(), "-e", script]))
    assert int(version.split(".")[0]) <= int(TEMPLATE["node_version"][0])
    names = {name.removeprefix("node:") for name in modules}
    assert {name for name in names if rules.SLUG.fullmatch(name)} <= rules.NODE_CORE_MODULES


@pytest.mark.parametrize("question", sorted(rules.CHOICES))
def test_a_choice_that_does_not_exist_is_refused_with_the_choices(question: str) -> None:
    """Reached by a replay file; on the command line cookiecutter is there first."""
    with pytest.raises(FailedHookException) as refusal:
        rules.check_choice(question, "Other")
    assert str(refusal.value) == (f"{question}: 'Other' is refused: it must be one of {', '.join(TEMPLATE[question])}")


def test_a_choice_in_other_letters_suggests_the_right_one() -> None:
    """What people type most often."""
    with pytest.raises(FailedHookException, match=r"; try 'MIT'$"):
        rules.check_choice("license", " mit")


def test_a_cookiecutter_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Versions before 2.2 do not find the includes, after having written half of the project."""
    monkeypatch.setattr(local_extensions, "COOKIECUTTER_VERSION", "2.1.1")
    with pytest.raises(FailedHookException) as refusal:
        bake(tmp_path / "out")
    assert str(refusal.value) == "cookiecutter: '2.1.1' is refused: the template needs version 2.2 or newer"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("key", ["__ext", "__source_dir"])
def test_a_private_key_follows_from_the_answers(key: str, tmp_path: Path) -> None:
    """Taken from the command line it would name files and reach outside the new folder."""
    project = bake(tmp_path / "given", **cast(Any, {key: "../evil"}))
    assert tree(project.path) == tree(bake(tmp_path / "plain").path)
    assert {path.name for path in tmp_path.iterdir()} == {"given", "plain"}


def test_a_replay_file_of_an_older_version_gets_the_new_private_keys(literal_bake: LiteralBake, tmp_path: Path) -> None:
    """They hold versions, which change with the template."""
    stale = {key: "stale" for key in TEMPLATE if key.startswith("__") and key != "__prompts__"}
    project = literal_bake(tmp_path / "replayed", stale, template=ROOT)
    assert tree(project.path) == tree(bake(tmp_path / "plain").path)


def test_a_setting_of_the_template_is_not_an_answer(tmp_path: Path) -> None:
    """Other line ends would be other bytes for the same answers."""
    with pytest.raises(FailedHookException) as refusal:
        bake(tmp_path / "out", **cast(Any, {"_new_lines": "x"}))
    assert str(refusal.value) == ("_new_lines: 'x' is refused: it is no question; the template sets it to '\\n'")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Node Multi-Stage App", "node-multi-stage-app"),
        ("Caf\u00e9 \u00dcber Stra\u00dfe", "cafe-uber-strasse"),
        ("Bob\u2019s API", "bobs-api"),
        ("\u65e5\u672c", "ri-ben"),
        ("3D Shop", "app-3d-shop"),
        ("X", "x-app"),
        ("Http", "http-app"),
        ("CON", "con-app"),
        ("\U0001f433", "app"),
        ("w" * 80, "w" * 50),
        ("1" * 80, "app-" + "1" * 46),
    ],
)
def test_the_default_slug_follows_from_the_name(name: str, slug: str) -> None:
    """Accents folded, other scripts spelled out, a letter first, nothing reserved, at most 50."""
    assert rules.slug(name) == slug
    rules.check_slug("project_slug", slug)


@pytest.mark.parametrize("license_id", TEMPLATE["license"])
@pytest.mark.parametrize("author", ["", "ACME \u201c\u00dcnited\u201d & Sons"])
def test_the_licence_names_the_author_or_else_the_project(license_id: str, author: str, tmp_path: Path) -> None:
    """And no year, so that nothing in it has to change."""
    project = bake(tmp_path, license=license_id, author=author, project_name="My Project")
    text = project.read("LICENSE")
    assert f"Copyright {'' if license_id == 'Apache-2.0' else '(c) '}{author or 'My Project'}" in text
    assert "[yyyy]" not in text
    assert text == (ROOT / "templates/licenses" / f"{license_id}.txt").read_text().replace(
        "[yyyy] [name of copyright owner]", author or "My Project"
    )


def test_only_the_number_3000_becomes_the_port() -> None:
    """Time limits and sizes are numbers too: 30000 ms must not become 81230."""
    text = "3000 30000 13000 3000, :3000/ 3000ms 3000.5"
    assert default_port(text, "8123") == "8123 30000 13000 8123, :8123/ 3000ms 8123.5"


@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_no_other_number_of_the_sources_follows_the_port(tmp_path: Path, language: str) -> None:
    """With the default port and with another, the same digits but for the port's own."""
    project = bake(tmp_path / "default", language=language)
    other = bake(tmp_path / "other", language=language, port="8123")
    for path in (file for file in project.files if file.startswith("src/")):
        numbers = re.findall(r"\d+", project.read(path))
        assert re.findall(r"\d+", other.read(path)) == ["8123" if n == "3000" else n for n in numbers], path


EXCLUDED = [
    {key: value, other: choice}
    for (key, value), (other, allowed), _ in rules.EXCLUSIONS
    for choice in QUESTIONS[other]
    if choice not in allowed
]


@pytest.mark.parametrize("answers", EXCLUDED, ids=str)
def test_answers_that_do_not_go_together_are_one_line_and_no_file(tmp_path: Path, answers: dict[str, str]) -> None:
    """The line names both, and the answer that would go."""
    with pytest.raises(FailedHookException) as refused:
        bake(tmp_path, answers)
    line = str(refused.value)
    assert "\n" not in line
    assert "database: 'sqlite' is refused" in line
    assert f"orchestrator={answers['orchestrator']}" in line
    assert "database=postgres" in line
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_several_replicas_goes_with_every_orchestrator(tmp_path: Path) -> None:
    assert [answers["orchestrator"] for answers in EXCLUDED] == ["kubernetes", "swarm"]
    for orchestrator in QUESTIONS["orchestrator"]:
        bake(tmp_path / orchestrator, database="postgres", orchestrator=orchestrator)
