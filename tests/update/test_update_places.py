"""Where a project lies, what git knows of it, and what an update must not write over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.baking import contents, git_repository
from support.updates import append, git, prepend, refused, update


@pytest.mark.parametrize("staged", [True, False])
def test_unsaved_work_is_not_mixed_with_an_update(project: Path, template: Path, staged: bool) -> None:
    append(project / "Makefile", "# not committed")
    if staged:
        git(project, "add", "Makefile")
    before = contents(project)
    line = refused(update(project, template), project, before)
    assert line == "Nothing was changed: there are changes that are not committed: commit or stash them first"


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
def test_a_file_that_git_does_not_look_at_is_named(project: Path, template: Path, flag: str) -> None:
    append(project / "Makefile", "# not committed")
    git(project, "update-index", f"--{flag}", "Makefile")
    line = refused(update(project, template), project, contents(project))
    assert line.startswith("Nothing was changed: git is told not to look at Makefile: git update-index --no-")


@pytest.mark.parametrize("ignored", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_file_that_git_does_not_know_is_not_overwritten(project: Path, template: Path, ignored: bool) -> None:
    (project / "NEW.md").write_text("not committed\n")
    if ignored:
        append(project / ".git" / "info" / "exclude", "NEW.md")
    before = contents(project)
    line = refused(update(project, template), project, before)
    assert line.startswith("Nothing was changed: NEW.md is in the way")


@pytest.mark.full
def test_a_folder_that_is_a_link_is_not_written_through(project: Path, template: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / "src" / "kept").symlink_to(tmp_path / "elsewhere")
    before = contents(project)
    line = refused(update(project, template), project, before)
    assert line.startswith(f"Nothing was changed: {Path('src/kept')} is in the way")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.full
def test_a_project_in_no_repository(project: Path, template: Path) -> None:
    """Edits stay there too, and what .gitignore names is not looked at."""
    shutil.rmtree(project / ".git")
    append(project / ".env.example", "# a line of mine")
    prepend(project / "Dockerfile", "# a line of mine")
    (project / "node_modules").mkdir()
    (project / "node_modules" / "x.js").write_text("x\n")
    ended = update(project, template)
    assert ended.status == 1, ended.output
    assert "No git repository holds this project" in ended.output
    environment = (project / ".env.example").read_text()
    assert environment.startswith("# a line of the template\n")
    assert environment.endswith("# a line of mine\n")
    assert (project / "Dockerfile").read_text().startswith("<<<<<<< HEAD\n")
    assert (project / "node_modules" / "x.js").exists()
    assert not (project / ".git").exists()


@pytest.mark.full
def test_a_project_in_a_folder_of_a_repository(project: Path, template: Path, tmp_path: Path) -> None:
    """The rest of the repository may be in any state."""
    shutil.rmtree(project / ".git")
    prepend(project / "Dockerfile", "# a line of mine")
    (tmp_path / "mono" / "services").mkdir(parents=True)
    project = project.rename(tmp_path / "mono" / "services" / "billing")
    (tmp_path / "mono" / "other.txt").write_text("other\n")
    git_repository(tmp_path / "mono")
    append(tmp_path / "mono" / "other.txt", "not committed")
    assert update(project, template).status == 1
    status = git(tmp_path / "mono", "status", "--porcelain").splitlines()
    assert "UU services/billing/Dockerfile" in status
    assert " M other.txt" in status
    assert git(project, "show", ":3:./Dockerfile").startswith("# a line of the template\n")


@pytest.mark.full
def test_from_a_hook_of_git(project: Path, template: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git sets variables there that would lead every command to another repository."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "x").write_text("x\n")
    git_repository(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert update(project, template).status == 0
    monkeypatch.undo()
    assert git(other, "status", "--porcelain") == ""
