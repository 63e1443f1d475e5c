"""How an update learns version and answers: from the project, from cruft, by options and in a conversation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.baking import SLUG, contents, git_repository, run
from support.updates import ANSWERS, append, baked, git, new_project, refused, update


@pytest.mark.full
def test_a_project_of_cruft(template: Path, tmp_path: Path) -> None:
    """With cruft's file alone, as older bakes have it; cruft finds it up to date afterwards."""
    home = tmp_path / "home"
    command = ("create", template, "--no-input", "--checkout", "v1", "--extra-context", '{"port": "4000"}')
    created = run("cruft", *command, cwd=tmp_path, home=home)
    assert created.returncode == 0, created.stderr
    project = tmp_path / SLUG
    (project / ANSWERS).unlink()
    git_repository(project)
    assert run("cruft", "check", "--checkout", "v2", cwd=project, home=home).returncode == 1
    assert update(project, template, "--answer", "node_version=24").status == 0
    state = json.loads((project / ".cruft.json").read_text())["context"]["cookiecutter"]
    assert (state["node_version"], state["port"]) == ("24", "4000")
    assert json.loads((project / ANSWERS).read_text())["answers"]["port"] == "4000"
    assert "EXPOSE 4000" in (project / "Dockerfile").read_text()
    git_repository(project, "updated")
    for check in (("check", "--checkout", "v2"), ("diff", "--exit-code", "--checkout", "v2")):
        result = run("cruft", *check, cwd=project, home=home)
        assert result.returncode == 0, result.stdout + result.stderr


def test_a_project_older_than_the_file(template: Path, tmp_path: Path) -> None:
    """Version and answers are named once; the next update needs neither."""
    git(template, "checkout", "--quiet", "v1")
    project = new_project(template, tmp_path / "out", project_name="Billing API", language="typescript")
    git(template, "checkout", "--quiet", "v2")
    (project / ANSWERS).unlink()
    append(project / "README.md", "mine")
    git_repository(project, "my work")
    before = contents(project)
    line = refused(update(project, template), project, before)
    assert line.startswith(f"Nothing was changed: there is no {ANSWERS}: name once")
    named = ("--baked-with", "project_name=Billing API", "--baked-with", "language=typescript")
    first = update(project, template, "--from", "v1", *named)
    assert first.status == 0, first.output
    expected = baked(template, tmp_path / "fresh", project_name="Billing API", language="typescript")
    expected["README.md"] += b"mine\n"
    assert contents(project) == expected
    git_repository(project, "updated")
    assert update(project, template).output == "From v2 to v2:\n  nothing changes\n"


def test_a_conversation(project: Path, template: Path, tmp_path: Path) -> None:
    """A bad answer is asked again, a good one makes another plan, and only yes changes anything."""
    before = contents(project)
    for keys in ("", "port=4000\n\n"):
        assert "Nothing was changed." in refused(update(project, template, keys=keys), project, before)
    ended = update(project, template, keys="port=80\nportt=1\nwhat\nport=4000\nyes\n")
    assert ended.status == 0, ended.output
    assert "port: '80' is refused" in ended.output
    assert "portt: there is no such question; try port" in ended.output
    assert "'what' is not question=answer" in ended.output
    assert "answer         port: '3000' becomes '4000'" in ended.output
    assert contents(project) == baked(template, tmp_path / "fresh", port="4000")


@pytest.mark.full
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--answer", "port=80"], "port: '80' is refused: it must be a whole number from 1024 to 65535"),
        (["--answer", "langage=typescript"], "langage: there is no such question; try language"),
        (["--to", "v9"], "v9: the template has no such version, tag or commit"),
        (["--from", "1.2.3+000000000000"], "no commit of the template bakes version 1.2.3+000000000000: name one"),
    ],
    ids=["bad answer", "no question", "no version", "no digest"],
)
def test_refusals_are_one_line(project: Path, template: Path, options: list[str], line: str) -> None:
    before = contents(project)
    ended = update(project, template, *options)
    assert refused(ended, project, before).startswith(f"Nothing was changed: {line}")
    assert len(ended.output.splitlines()) == 1


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"version": 1}', '{"version": "x", "answers": []}'])
def test_a_damaged_answers_file(project: Path, template: Path, text: str) -> None:
    (project / ANSWERS).write_text(text)
    git_repository(project, "damaged")
    before = contents(project)
    ended = update(project, template)
    refused(ended, project, before)
    assert len(ended.output.splitlines()) == 1


@pytest.mark.full
def test_what_people_typed_stays_text(template: Path, tmp_path: Path) -> None:
    """Jinja, quotes, backslashes and other scripts, as they were typed at the questions."""
    git(template, "checkout", "--quiet", "v1")
    typed = "{{ 7 * 7 }} {% raw %} '\\n\" Zoë \U0001f433 }}"
    keys = f"Billing\n\n{typed}\n" + "\n" * 20
    result = run("cookiecutter", "--accept-hooks", "no", template, cwd=tmp_path, home=tmp_path / "home", stdin=keys)
    assert result.returncode == 0, result.stderr
    project = git_repository(tmp_path / "billing")
    git(template, "checkout", "--quiet", "v2")
    assert json.loads((project / ANSWERS).read_text())["answers"]["description"] == typed
    assert (project / ANSWERS).read_bytes().isascii()
    ended = update(project, template)
    assert ended.status == 0, ended.output
    assert json.loads((project / "package.json").read_text())["description"] == typed
    assert json.loads((project / ANSWERS).read_text())["answers"]["description"] == typed
