"""What the generated GitLab pipeline does: who is tested, what is pushed, and in which order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.baking import bake, not_on_windows
from support.combinations import CHOICES
from support.fakes import Fakes
from support.gitlab import (
    OTHER_TAG,
    PUSH_TO_A_BRANCH,
    PUSH_TO_MAIN,
    SCHEDULE,
    VERSION_TAG,
    Variables,
    jobs_that_run,
    replay,
)

NEEDS_BASH = not_on_windows("bash that runs the fakes")
REGISTRY = {
    "CI_REGISTRY": "registry.example.com",
    "CI_REGISTRY_IMAGE": "registry.example.com/team/app",
    "CI_REGISTRY_PASSWORD": "the-password",
    "CI_REGISTRY_USER": "somebody",
}
LOGIN = "docker login --username somebody --password-stdin registry.example.com"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The pipeline of a project with the default answers."""
    found: dict[str, Any] = yaml.safe_load(bake(tmp_path_factory.mktemp("gitlab"), ci="gitlab").read(".gitlab-ci.yml"))
    return found


@pytest.mark.parametrize(
    ("event", "jobs"),
    [
        (PUSH_TO_MAIN, ["test"]),
        (PUSH_TO_A_BRANCH, ["test"]),
        (VERSION_TAG, ["test", "release-image"]),
        (OTHER_TAG, ["test"]),
        (SCHEDULE, ["test", "scan"]),
    ],
)
def test_which_jobs_an_event_starts(pipeline: dict[str, Any], event: Variables, jobs: list[str]) -> None:
    assert jobs_that_run(pipeline, event) == jobs


def test_nothing_is_pushed_when_the_tests_fail(pipeline: dict[str, Any]) -> None:
    assert jobs_that_run(pipeline, VERSION_TAG, failing=["test"]) == ["test"]


def test_a_newer_push_ends_the_tests_of_an_older_one_but_never_a_release(pipeline: dict[str, Any]) -> None:
    assert pipeline["workflow"]["auto_cancel"]["on_new_commit"] == "interruptible"
    assert pipeline["test"]["interruptible"] is True
    assert "interruptible" not in pipeline["release-image"]


@NEEDS_BASH
@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_the_commands_that_prove_a_change(tmp_path: Path, manager: str) -> None:
    project = bake(tmp_path, ci="gitlab", package_manager=manager)
    fakes = Fakes(tmp_path / "fakes", "npm", "pnpm", "yarn", "node")
    job = yaml.safe_load(project.read(".gitlab-ci.yml"))["test"]
    assert replay(job, PUSH_TO_MAIN, fakes) == 0
    install = {"npm": "npm ci --no-audit", "pnpm": "pnpm install --frozen-lockfile", "yarn": "yarn --immutable"}
    assert fakes.calls[-3:] == [install[manager], "node --run lint", "node --run test"]
    assert len(fakes.calls) == 3 or fakes.calls[0].startswith("npm install --global ")


@NEEDS_BASH
@pytest.mark.parametrize("command", ["npm ci --no-audit", "node --run lint", "node --run test"])
def test_a_command_that_fails_fails_the_job(pipeline: dict[str, Any], tmp_path: Path, command: str) -> None:
    fakes = Fakes(tmp_path / "fakes", "npm", "node")
    fakes.fails(command)
    assert replay(pipeline["test"], PUSH_TO_MAIN, fakes) != 0
    assert fakes.calls[-1] == command


@NEEDS_BASH
def test_a_version_tag_becomes_an_image_that_was_tested_and_asked(pipeline: dict[str, Any], tmp_path: Path) -> None:
    fakes = Fakes(tmp_path / "fakes", "apk", "make")
    fakes.program("docker", "cat > password")
    assert replay(pipeline["release-image"], {**VERSION_TAG, **REGISTRY}, fakes) == 0
    push = "make push IMAGE=registry.example.com/team/app TAG=1.2.3"
    assert fakes.calls[-4:] == ["make test", "make run", LOGIN, push]
    assert (fakes.folder / "password").read_text().strip() == REGISTRY["CI_REGISTRY_PASSWORD"]


@NEEDS_BASH
@pytest.mark.parametrize("step", ["make test", "make run", LOGIN])
def test_nothing_is_pushed_when_a_step_fails(pipeline: dict[str, Any], tmp_path: Path, step: str) -> None:
    fakes = Fakes(tmp_path / "fakes", "apk", "make", "docker")
    fakes.fails(step)
    assert replay(pipeline["release-image"], {**VERSION_TAG, **REGISTRY}, fakes) != 0
    assert fakes.calls[-1] == step


@NEEDS_BASH
@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_private_packages_come_by_a_file_variable(tmp_path: Path, manager: str) -> None:
    """GitLab gives the path of the file; the runner's home is where the package manager looks."""
    project = bake(tmp_path, ci="gitlab", package_manager=manager)
    job = yaml.safe_load(project.read(".gitlab-ci.yml"))["test"]
    fakes = Fakes(tmp_path / "fakes", "npm", "pnpm", "yarn", "node")
    (tmp_path / "settings").write_text("registry=https://registry.example.com/\n", encoding="utf-8")
    variable, file = ("YARNRC", ".yarnrc.yml") if manager == "yarn" else ("NPMRC", ".npmrc")
    assert replay(job, {**PUSH_TO_MAIN, "HOME": str(tmp_path), variable: str(tmp_path / "settings")}, fakes) == 0
    assert (tmp_path / file).read_text() == (tmp_path / "settings").read_text()


def test_the_tests_run_on_the_node_that_was_chosen(tmp_path: Path) -> None:
    for line in CHOICES["node_version"]:
        project = bake(tmp_path / line, ci="gitlab", node_version=line)
        assert yaml.safe_load(project.read(".gitlab-ci.yml"))["test"]["image"] == f"node:{line}-trixie"


@NEEDS_BASH
def test_a_scheduled_scan_fails_for_what_is_new_only(pipeline: dict[str, Any], tmp_path: Path) -> None:
    """Nothing, something, the same, other, a scan that could not run, the same again, nothing, the first again."""
    job = pipeline["scan"]
    assert job["cache"] == {"key": "scan", "paths": ["findings.txt"], "when": "always"}
    fakes = Fakes(tmp_path / "fakes", "apk")
    ends = []
    for found, status in (("", 0), ("a", 1), ("a", 1), ("a b", 1), ("", 2), ("a b", 1), ("", 0), ("a", 1)):
        fakes.program("make", f"printf '%s' '{found}'\nexit {status}")
        ends.append(replay(job, SCHEDULE, fakes) == 0)
        kept = [
            file for file in fakes.folder.iterdir() if file.suffix == ".txt" and file.name not in job["cache"]["paths"]
        ]
        for file in kept:
            file.unlink()
    assert fakes.calls[-1] == "make --silent scan"
    assert ends == [True, False, True, False, False, True, True, False]
