"""A template with two versions, and projects of the first: as it was baked, and edited and updated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.baking import PROJECT, SLUG, contents, git_repository
from support.commands import Ended
from support.updates import (
    BINARY,
    change_everything,
    edit_everything,
    first_version,
    git,
    new_project,
    next_version,
    update,
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a template with two versions, a picture in the first."""
    template = first_version(tmp_path_factory.mktemp("template"))
    (template / PROJECT / "logo.png").write_bytes(BINARY)
    git_repository(template, "a picture")
    git(template, "tag", "--force", "v1")
    next_version(template, "v2", change_everything)
    return template


@pytest.fixture(scope="session")
def first_project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of the first version, to be copied."""
    git(template, "checkout", "--quiet", "v1")
    project = new_project(template, tmp_path_factory.mktemp("project") / "out")
    git(template, "checkout", "--quiet", "v2")
    return project


@pytest.fixture
def project(first_project: Path, tmp_path: Path) -> Path:
    """Return a project of the first version, without edits."""
    return shutil.copytree(first_project, tmp_path / SLUG)


@pytest.fixture(scope="session")
def updated(first_project: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """Return a project with an edit of each kind after its update, and how that ended; first it was only shown."""
    project = shutil.copytree(first_project, tmp_path_factory.mktemp("updated") / SLUG)
    edit_everything(project)
    before, state = contents(project), git(project, "status", "--porcelain")
    shown = update(project, template, "--dry-run", "--diff")
    assert (contents(project), git(project, "status", "--porcelain")) == (before, state)
    assert shown.status == 1
    assert "+# a line of the template" in shown.output
    ended = update(project, template)
    assert set(ended.output.splitlines()) - set(shown.output.splitlines()) >= {"Then: make test"}
    assert shown.output.splitlines()[:3] == ended.output.splitlines()[:3]
    return project, ended
