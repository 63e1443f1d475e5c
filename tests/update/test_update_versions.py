"""The version in a project finds its commit again, and every page names one command to update."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from extension import answers_file
from node_multi_stage import template as template_module
from support.baking import ROOT, bake, contents, git_repository, run
from support.updates import ANSWERS, baked, first_version, git


def test_the_version_names_its_commit(template: Path, tmp_path: Path) -> None:
    """What a bake computes from files is what git knows of the commit; another version has another."""
    clone = template_module.Template(str(template), tmp_path)
    git(template, "checkout", "--quiet", "v2")
    written = json.loads(baked(template, tmp_path / "out")[ANSWERS])
    assert written["version"].partition("+")[2] == clone.digest(clone.commit("v2")) != clone.digest(clone.commit("v1"))
    assert list(written) == ["version", "answers"]
    assert clone.describe(clone.commit_that_bakes(written["version"])) == "v2"


def test_the_version_is_that_of_git_alone(tmp_path: Path) -> None:
    """What Python and npm leave in the folders of a clone is no part of it; a release is named before what follows."""
    template = first_version(tmp_path)
    [released] = re.findall(r'^version = "(.+)"$', (template / "pyproject.toml").read_text(), re.MULTILINE)
    git(template, "tag", "--annotate", "--message", "released", f"v{released}")
    (template / "README.md").write_text("only documentation\n")
    git_repository(template, "documentation")
    for left in ("extension/__pycache__/x.pyc", "templates/typescript/node_modules/x/index.js"):
        (template / left).parent.mkdir(parents=True)
        (template / left).write_text("left\n")
    version = json.loads(baked(template, tmp_path / "out")[ANSWERS])["version"]
    clone = template_module.Template(str(template), tmp_path)
    assert clone.commit_that_bakes(version) == clone.commit("v1")
    assert (answers_file.DECIDING, answers_file.DIGITS) == (template_module.DECIDING, template_module.DIGITS)


def test_the_version_is_that_of_pyproject(tmp_path: Path) -> None:
    """One place; the changelog has a section for it, or what is to come."""
    [released] = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    version = json.loads(bake(tmp_path).read(ANSWERS))["version"]
    assert version.split("+")[0] == released
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12}", version)
    assert f"\n## {released} - 20" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


COMMAND = "uvx --from git+https://github.com/org/node-multi-stage node-multi-stage update"


def test_every_page_names_the_same_command(tmp_path: Path) -> None:
    """One command: in the README, in its page, and in the project."""
    pages = [
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/updates.md", "docs/migrating.md")
    ]
    for page in (*pages, bake(tmp_path).read("README.md")):
        assert re.search(rf"^{re.escape(COMMAND)}( \\)?$", page, re.MULTILINE)


@pytest.mark.full
def test_the_documented_command_from_a_clone(project: Path, template: Path, tmp_path: Path) -> None:
    """As a newcomer runs it, in an empty home, without Docker: uv builds it from the clone it is given."""
    home = tmp_path / "home"
    path = os.pathsep.join([str(Path(shutil.which("uv") or "uv").parent), os.environ["PATH"]])
    line = COMMAND.replace("git+https://github.com/org/node-multi-stage", f"git+{template.as_uri()}").split()
    shown = run(*line, "--dry-run", cwd=project, home=home, PATH=path, DOCKER_HOST="tcp://127.0.0.1:1")
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, "From v1 to v2:"), shown.stderr
    line[2] = str(template)
    ended = run(*line, cwd=project, home=home, PATH=path, stdin="y\n")
    assert ended.returncode == 0, ended.stderr
    assert contents(project) == baked(template, tmp_path / "fresh")
