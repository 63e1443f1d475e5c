"""A project with edits in every file goes through five versions of the template, with conflicts and without."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from locks import LOCKFILES
from support.baking import PROJECT, contents, git_repository
from support.updates import (
    ANSWERS,
    append,
    baked,
    edit_questions,
    first_version,
    git,
    new_project,
    next_version,
    prepend,
    update,
)

LOCKFILE = LOCKFILES["npm"]
MINE = "a line of mine"


def sources(template: Path) -> list[Path]:
    """Return every file of the template's directory, the answers file aside."""
    return [path for path in sorted((template / PROJECT).rglob("*")) if path.is_file() and path.name != ANSWERS]


def second(template: Path) -> None:
    """A line above every file; a file is new."""
    for path in sources(template):
        prepend(path, "version 2")
    (template / PROJECT / "NEW.md").write_text("new\n" * 9)


def third(template: Path) -> None:
    """That line changes in every file; a file and a folder move."""
    for path in sources(template):
        path.write_bytes(path.read_bytes().replace(b"version 2\n", b"version 3\n"))
    inside = template / PROJECT
    (inside / "compose.yaml").rename(inside / "docker-compose.yaml")
    (inside / "src" / "service").rename(inside / "src" / "kept")


def fourth(template: Path) -> None:
    """A question and a choice are renamed, a question is new, one is asked no more."""
    for path in sources(template):
        text = path.read_bytes().replace(b"version 3\n", b"version 4\n")
        path.write_bytes(text.replace(b"cookiecutter.author", b"cookiecutter.owner"))
    for path in (template / "templates").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"cookiecutter.author", b"cookiecutter.owner"))
    rules = template / "extension" / "rules.py"
    rules.write_text(rules.read_text().replace('"author"', '"owner"'))

    def edit(questions: dict[str, object]) -> None:
        questions["owner"] = questions.pop("author")
        questions["colour"] = ["red", "blue"]
        questions["_renamed"] = {"author": "owner", "ci=none": "ci=nothing"}
        questions["ci"] = ["github", "gitlab", "nothing"]

    edit_questions(template, edit)


def fifth(template: Path) -> None:
    """A file goes; the line above is another."""
    for path in sources(template):
        path.write_bytes(path.read_bytes().replace(b"version 4\n", b"version 5\n"))
    (template / PROJECT / "NEW.md").write_text("new\n" * 9 + "more\n")


VERSIONS = {"v2": second, "v3": third, "v4": fourth, "v5": fifth}


def edit_every_file(project: Path) -> list[str]:
    """Append a line to each file but the answers; return their paths."""
    names = [name for name in contents(project) if name != ANSWERS]
    for name in names:
        append(project / name, MINE)
    (project / "mine.txt").write_text("mine\n")
    git_repository(project, "my work")
    return names


def test_without_conflicts(tmp_path: Path) -> None:
    """In the end the project is a new bake of the fifth version, and the line in every file."""
    template = first_version(tmp_path)
    project = new_project(template, tmp_path / "out", author="Zoë {{ 7 }}", ci="none")
    edited = edit_every_file(project)
    for version, change in VERSIONS.items():
        next_version(template, version, change)
        ended = update(project, template)
        assert ended.status == 0, ended.output
        git_repository(project, version)
    answers = json.loads((project / ANSWERS).read_text())["answers"]
    assert (answers["owner"], answers["ci"], answers["colour"]) == ("Zoë 7", "nothing", "red")
    expected = baked(template, tmp_path / "fresh", owner="Zoë 7", ci="nothing")
    moved = {
        name.replace("src/service/", "src/kept/").replace("compose.yaml", "docker-compose.yaml") for name in edited
    }
    for name in moved - {LOCKFILE}:
        expected[name] += f"{MINE}\n".encode()
    updated = contents(project)
    # Both sides changed it in every version.
    assert updated.pop(LOCKFILE).startswith(b"{")
    del expected[LOCKFILE]
    assert updated.pop("mine.txt") == b"mine\n"
    assert updated == expected


@pytest.mark.full
def test_with_conflicts(tmp_path: Path) -> None:
    """A line that both sides change in every file is marked in each version; what the owner settles stays settled."""
    template = first_version(tmp_path)
    project = new_project(template, tmp_path / "out")
    names = [name for name in contents(project) if name not in (ANSWERS, LOCKFILE)]
    for name in names:
        prepend(project / name, MINE)
    git_repository(project, "my work")
    for version, change in VERSIONS.items():
        next_version(template, version, change)
        ended = update(project, template)
        assert ended.status == 1, ended.output
        unmerged = set(git(project, "diff", "--name-only", "--diff-filter=U").split())
        assert len(unmerged) == len(names), ended.output
        for name in unmerged:
            text = (project / name).read_text(encoding="utf-8")
            # Where a file moved, git names both paths behind the two labels.
            mark = rf"<<<<<<< HEAD(:.*)?\n{MINE}\n=======\n(version .\n)?>>>>>>> template-{version}(:.*)?\n"
            settled, marks = re.subn(f"^{mark}", f"{MINE}\n", text)
            assert marks == 1, f"{name}: {text[:200]}"
            (project / name).write_text(settled, encoding="utf-8")
        git_repository(project, version)
    expected = baked(template, tmp_path / "fresh")
    updated = contents(project)
    for name in unmerged:
        assert updated[name] == expected[name].replace(b"version 5\n", f"{MINE}\n".encode()), name
    assert updated.keys() == expected.keys()


@pytest.mark.full
def test_versions_in_between_may_be_left_out(tmp_path: Path) -> None:
    """From the first version to the last in one step."""
    template = first_version(tmp_path)
    project = new_project(template, tmp_path / "out")
    for version, change in VERSIONS.items():
        next_version(template, version, change)
    assert update(project, template).status == 0
    assert contents(project) == baked(template, tmp_path / "fresh")
