"""Bakes every combination of the interacting answers and reads each file as the tool that owns its format does."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from support.baking import BakedProject, bake
from support.checkers import CHECKERS, check
from support.combinations import CHOICES, INTERACTING, Answers, every_combination, label
from support.expected_files import expected_files

WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# `${{ … }}` and `{{version}}` belong to GitHub's workflows and the actions in them.
JINJA = re.compile(r"\{\{\s*cookiecutter|\{%|%\}|\{#|#\}|//%")
JSON_WITH_COMMENTS = (".devcontainer.json", ".vscode/launch.json")
# One test per group, so that two workers share the work evenly; each group starts each checker once.
GROUPED_BY = ("language",)
GROUPS = list(itertools.product(*(CHOICES[key] for key in GROUPED_BY)))


def bake_group(folder: Path, group: tuple[str, ...]) -> list[BakedProject]:
    """Bake every combination whose answers start with this group's."""
    chosen = [a for a in every_combination() if tuple(a[key] for key in GROUPED_BY) == group]
    return [bake(folder / label(answers), answers, project_slug="an-app") for answers in chosen]


def check_text(path: str, data: bytes) -> list[str]:
    """Return what is wrong with a file as text: every kind of file keeps these rules."""
    text = data.decode("utf-8")
    rules = {
        "a carriage return": "\r" in text,
        "no single newline at the end": not text.endswith("\n") or text.endswith("\n\n"),
        "a trailing blank": any(line != line.rstrip() for line in text.splitlines()),
        "two empty lines in a row": "\n\n\n" in text,
        "left over Jinja": bool(JINJA.search(text)),
        "a name that Windows refuses": any(WINDOWS_DEVICES.fullmatch(part) for part in PurePosixPath(path).parts),
        "a name that is not ASCII": not path.isascii(),
        "a script that package.json's type decides about": path.startswith("scripts/") and path.endswith(".js"),
        "a syntax line, which pulls an image": text.startswith("# syntax"),
    }
    return [f"{path}: {rule}" for rule, broken in rules.items() if broken]


def parsed(path: str, data: bytes) -> Any:
    """Parse JSON and YAML with the standard parsers; anything else is None."""
    if path in JSON_WITH_COMMENTS:
        return json.loads(re.sub(rb"(?m)^ *//.*$", b"", data))
    if path.endswith(".json"):
        return json.loads(data)
    if path.endswith((".yaml", ".yml")):
        return list(yaml.safe_load_all(data))
    return None


@pytest.mark.parametrize("group", GROUPS, ids="-".join)
def test_every_file_of_every_combination(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str, group: tuple[str, ...]
) -> None:
    projects = bake_group(tmp_path, group)
    assert len(projects) == len(every_combination()) / len(GROUPS)
    distinct: dict[tuple[str, bytes], BakedProject] = {}
    for project in projects:
        assert project.files == expected_files(project.answers), label(project.answers)
        for path in project.files:
            distinct.setdefault((path, (project.path / path).read_bytes()), project)

    base = tmp_path_factory.getbasetemp()
    passed = (base if worker_id == "master" else base.parent) / "passed"
    problems: list[str] = []
    to_check: dict[str, list[Path]] = defaultdict(list)
    for (path, data), project in distinct.items():
        problems += check_text(path, data)
        parsed(path, data)
        for name, checker in CHECKERS.items():
            if re.fullmatch(checker.files, path):
                to_check[name].append(project.path / path)
    for name, paths in to_check.items():
        problems += check(CHECKERS[name], paths, passed)
    assert not problems, "\n".join(problems)


def test_every_choice_is_baked() -> None:
    combinations = every_combination()
    for key in (*INTERACTING, "license", "ci", "orchestrator"):
        assert {answers[key] for answers in combinations} == set(CHOICES[key]), key


def test_every_checker_sees_a_file() -> None:
    """A checker whose pattern matches nothing would pass for ever."""
    files = {path for answers in every_combination() for path in expected_files({**answers})}
    for name, checker in CHECKERS.items():
        assert any(re.fullmatch(checker.files, path) for path in files), name


@pytest.mark.parametrize("answers", every_combination()[::40], ids=label)
def test_free_text_stands_in_four_files_only(tmp_path: Path, answers: Answers) -> None:
    marks = {"project_name": "Qq One", "description": "Qq two", "author": "Qq three"}
    project = bake(tmp_path, {**answers, **marks}, project_slug="an-app")
    for path in project.files:
        if path not in ("package.json", "README.md", "LICENSE", ".node-multi-stage.json"):
            assert "Qq " not in project.read(path), path
