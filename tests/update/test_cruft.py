"""Cruft on a generated project: create, check, diff, update, and answers that change later."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.baking import PROJECT, ROOT, SLUG, bake, contents, copy_of_template, git_repository, run
from support.combinations import QUESTIONS
from support.updates import ANSWERS

STATE = ".cruft.json"

Contents = dict[str, bytes]


def bytes_of_a_bake(folder: Path, **answers: Any) -> Contents:
    """Return what cookiecutter alone writes."""
    return contents(bake(folder, **answers).path)


def cruft(*arguments: str | Path, cwd: Path, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Run cruft, away from the user's home."""
    return run("cruft", *arguments, cwd=cwd, home=cwd.parent / "home", **variables)


def create(template: Path, folder: Path) -> Path:
    """Run `cruft create` in a folder; return the project, in a git repository of its own."""
    result = cruft("create", template, "--no-input", "--output-dir", "out", cwd=folder)
    assert result.returncode == 0, result.stderr
    return git_repository(folder / "out" / SLUG)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return the template as a git repository with one commit."""
    return git_repository(copy_of_template(tmp_path))


@pytest.fixture(scope="session")
def unchanged_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same for tests that commit nothing to it."""
    return git_repository(copy_of_template(tmp_path_factory.mktemp("template")))


@pytest.fixture(scope="session")
def created(unchanged_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that tests copy."""
    return create(unchanged_template, tmp_path_factory.mktemp("created"))


@pytest.fixture
def project(created: Path, tmp_path: Path) -> Path:
    """Return a project made by `cruft create` from the unchanged template."""
    return shutil.copytree(created, tmp_path / SLUG)


@pytest.fixture
def without_docker(tmp_path: Path) -> str:
    """Return a PATH on which there is git and nothing else, as in a bare CI job."""
    (tmp_path / "bin").mkdir()
    git = shutil.which("git")
    assert git
    (tmp_path / "bin" / "git").symlink_to(git)
    return str(tmp_path / "bin")


def second_version(template: Path) -> None:
    """Commit a second version: lines added, a file gone and a file new, a private key and a filter new."""
    inside = template / PROJECT
    makefile = inside / "Makefile"
    makefile.write_text(makefile.read_text() + "\n# Second version.\n")
    (inside / "NEW.md").write_text("{{ cookiecutter.__new | upside_down }}\n")
    (inside / "LICENSE").unlink()
    filters = template / "extension" / "filters.py"
    filters.write_text(filters.read_text() + '\nFILTERS["upside_down"] = lambda text: text[::-1]\n')
    questions = json.loads((template / "cookiecutter.json").read_text())
    questions["__new"] = "{{ cookiecutter.project_name }}"
    questions["license"].append("ISC")
    (template / "cookiecutter.json").write_text(json.dumps(questions))
    git_repository(template, "second")


def test_cruft_create_is_the_plain_bake_and_its_state(project: Path, tmp_path: Path) -> None:
    """The same bytes by either tool."""
    created = contents(project)
    state = json.loads(created.pop(STATE))
    assert state["context"]["cookiecutter"]["project_slug"] == SLUG
    assert created == bytes_of_a_bake(tmp_path / "plain")


@pytest.mark.full
def test_check_and_diff_need_no_docker(project: Path, without_docker: str) -> None:
    """Exit 0 while nothing changed, 1 for an edited project."""
    for command in (["check"], ["diff", "--exit-code"]):
        result = cruft(*command, cwd=project, PATH=without_docker)
        assert result.returncode == 0, result.stdout + result.stderr
    (project / "LICENSE").write_text("mine\n")
    edited = cruft("diff", "--exit-code", cwd=project, PATH=without_docker)
    assert edited.returncode == 1
    assert "mine" in edited.stdout


def test_an_update_applies_cleanly_and_keeps_local_edits(template: Path, without_docker: str, tmp_path: Path) -> None:
    """Edits in other files and in the same file; what the template drops and adds follows."""
    project = create(template, tmp_path)
    edits = {
        "README.md": (project / "README.md").read_text() + "\nMy own words.\n",
        "Makefile": "# My own first line.\n" + (project / "Makefile").read_text(),
        "src/mine.js": "// my own code\n",
    }
    for name, text in edits.items():
        (project / name).write_text(text)
    git_repository(project, "my work")
    before = contents(project)

    second_version(template)
    assert cruft("check", cwd=project, PATH=without_docker).returncode == 1
    result = cruft("update", "--skip-apply-ask", cwd=project, PATH=without_docker)
    assert result.returncode == 0, result.stderr

    expected = {**before, "NEW.md": b"ppA egatS-itluM edoN\n"}
    expected["Makefile"] += b"\n# Second version.\n"
    del expected["LICENSE"]
    after = contents(project)
    assert json.loads(after.pop(STATE))["commit"] != json.loads(expected.pop(STATE))["commit"]
    assert json.loads(after.pop(ANSWERS))["version"] != json.loads(expected.pop(ANSWERS))["version"]
    assert after == expected
    assert cruft("check", cwd=project).returncode == 0


@pytest.mark.parametrize(("question", "answer"), [("node_version", "24"), ("runtime_image", "slim"), ("ci", "gitlab")])
def test_an_answer_changes_later(question: str, answer: str, project: Path, tmp_path: Path) -> None:
    """The result is what a fresh bake with that answer gives."""
    change = json.dumps({question: answer})
    result = cruft("update", "--skip-apply-ask", "--variables-to-update", change, cwd=project)
    assert result.returncode == 0, result.stderr
    updated = contents(project)
    assert json.loads(updated.pop(STATE))["context"]["cookiecutter"][question] == answer
    expected = bytes_of_a_bake(tmp_path / "fresh", **{question: answer})
    assert updated.keys() == expected.keys()
    assert updated == expected


def test_a_bad_answer_changes_nothing_later(project: Path) -> None:
    """The same line as at the beginning."""
    before = contents(project)
    change = json.dumps({"port": "80"})
    result = cruft("update", "--skip-apply-ask", "--variables-to-update", change, cwd=project)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("port: '80' is refused: ")
    assert "Traceback" not in result.stderr
    assert contents(project) == before


def test_the_new_version_s_own_rules_check_an_update(template: Path, tmp_path: Path) -> None:
    """One process renders both versions, from one folder: an import would keep the rules of the first."""
    project = create(template, tmp_path)
    rules = template / "extension" / "rules.py"
    rules.write_text(rules.read_text().replace("PORTS = (1024, 65535)", "PORTS = (1000, 65535)"))
    git_repository(template, "second")
    change = json.dumps({"port": "1001"})
    result = cruft("update", "--skip-apply-ask", "--variables-to-update", change, cwd=project)
    assert result.returncode == 0, result.stderr
    assert "EXPOSE 1001\n" in (project / "Dockerfile").read_text()


def test_cruft_renders_saved_answers_as_jinja(unchanged_template: Path, tmp_path: Path) -> None:
    """Not ours to change: an update evaluates typed text with Jinja in it; docs/answers.md says so."""
    keys = "\n\n{{ 7 * 7 }}\n" + "\n" * len(QUESTIONS)
    result = run("cruft", "create", unchanged_template, cwd=tmp_path, home=tmp_path / "home", stdin=keys)
    assert result.returncode == 0, result.stderr
    project = git_repository(tmp_path / SLUG)
    assert json.loads((project / "package.json").read_text())["description"] == "{{ 7 * 7 }}"
    assert cruft("diff", "--exit-code", cwd=project).returncode == 1


def test_the_template_in_use_is_this_one() -> None:
    """These tests copy what git would clone: no file of the template may be ignored by git."""
    inside = [path for path in (ROOT / PROJECT).rglob("*") if path.is_file()]
    names = [str(path.relative_to(ROOT)) for path in inside]
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ignored.stdout == ""
