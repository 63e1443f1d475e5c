"""Same answers, same bytes: whatever the template comes from, wherever it goes, and in any environment."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from support.baking import ROOT, bake, contents, copy_of_template, git_repository, not_on_windows, run

# Text that an encoding could damage, and choices other than the defaults.
ANSWERS: dict[str, Any] = {
    "project_name": "Caf\u00e9 \U0001f433",
    "author": "Zo\u00eb \u65e5\u672c",
    "ci": "none",
}

Contents = dict[str, bytes]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """Return what a bake in this process, without hooks, writes."""
    return contents(bake(tmp_path_factory.mktemp("reference"), **ANSWERS).path)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template as a git repository, in a folder whose name has blanks and accents."""
    folder = tmp_path_factory.mktemp("template") / "une forge \u00e0 c\u00f4t\u00e9"
    folder.mkdir()
    return git_repository(copy_of_template(folder))


def baked_by_command(source: str | Path, out: Path, *options: str, umask: int = -1, **variables: Any) -> Path:
    """Bake the answers with the real command, hooks included unless an option says no, and return the project."""
    answers = [f"{key}={value}" for key, value in ANSWERS.items()]
    home = out.parent / "home"
    arguments = ("--no-input", *options, "--output-dir", out, source, *answers)
    result = run("cookiecutter", *arguments, cwd=out.parent, home=home, umask=umask, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    return out / "cafe"


def test_a_second_bake_is_the_same(reference: Contents, tmp_path: Path) -> None:
    """Nothing random, no date, no order of a set."""
    assert contents(bake(tmp_path, **ANSWERS).path) == reference


def test_the_hook_writes_nothing(reference: Contents, tmp_path: Path) -> None:
    """With hooks and without: the same files."""
    assert contents(bake(tmp_path, hooks=True, **ANSWERS).path) == reference


@pytest.mark.parametrize("hooks", ["yes", "no"])
@pytest.mark.parametrize("source", ["path", "zip", "git"])
def test_where_the_template_comes_from(
    source: str, hooks: str, template: Path, reference: Contents, tmp_path: Path
) -> None:
    """A folder, an archive, a repository's address; with hooks and without."""
    place: str | Path = template
    if source == "zip":
        place = shutil.make_archive(str(tmp_path / "archive"), "zip", template.parent, template.name)
    elif source == "git":
        place = f"git+{template.as_uri()}"
    assert contents(baked_by_command(place, tmp_path / "out", "--accept-hooks", hooks)) == reference


@pytest.mark.parametrize(
    "variables",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"PYTHONOPTIMIZE": "1"},
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "0"},
    ],
    ids=["C locale", "optimized Python", "hash seed and time zone"],
)
def test_in_any_environment(variables: dict[str, Any], reference: Contents, tmp_path: Path) -> None:
    """The surroundings do not reach the files."""
    assert contents(baked_by_command(ROOT, tmp_path / "out", **variables)) == reference


def test_in_a_locale_without_any_accents(tmp_path: Path) -> None:
    """There the command line cannot carry them, but the files of the template have their own encoding."""
    ascii_only: dict[str, Any] = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    arguments = ("--no-input", "--output-dir", "out", ROOT)
    result = run("cookiecutter", *arguments, cwd=tmp_path, home=tmp_path / "home", **ascii_only)
    assert result.returncode == 0, result.stderr
    assert contents(tmp_path / "out/node-multi-stage-app") == contents(bake(tmp_path / "other").path)


def test_into_a_folder_with_blanks_and_accents(reference: Contents, tmp_path: Path) -> None:
    """The place of the project does not reach its files."""
    out = tmp_path / "mes projets \u00e9t\u00e9 'quoted'"
    out.mkdir()
    assert contents(baked_by_command(ROOT, out)) == reference


@not_on_windows("umask")
def test_under_a_strict_umask(template: Path, reference: Contents, tmp_path: Path) -> None:
    """The same bytes, for the owner only: cookiecutter copies modes, and git applies the umask to them.

    The Dockerfile therefore sets the modes of what it copies; tests/docker/image builds such a project.
    """
    project = baked_by_command(f"git+{template.as_uri()}", tmp_path / "out", umask=0o077)
    assert contents(project) == reference
    assert {stat.S_IMODE(path.stat().st_mode) for path in project.rglob("*") if path.is_file()} <= {
        0o600,
        0o700,
    }


@not_on_windows("mode of files")
def test_no_file_needs_to_be_executable(tmp_path: Path) -> None:
    """Archives and Windows lose that mode, so scripts are called through their interpreter."""
    project = bake(tmp_path).path
    executable = [path for path in project.rglob("*") if path.is_file() and path.stat().st_mode & 0o111]
    assert executable == []
