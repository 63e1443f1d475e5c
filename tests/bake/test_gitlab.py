"""What the generated GitLab pipeline does: who is tested, what is pushed, and in which order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.baking import bake, not_on_windows
from support.combinations import CHOICES
from support.fakes import Fakes
from support.gitlab import (
    CANDIDATE_TAG,
    OTHER_TAGS,
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
NPM_CI = "npm ci --no-audit --min-release-age=0"
# With the settings of `make test`: no CI has the .env of a machine.
RUN = "make run ENV_FILE=.env.example"
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
        (CANDIDATE_TAG, ["test", "release-image"]),
        *((tag, ["test"]) for tag in OTHER_TAGS),
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
    install = {"npm": NPM_CI, "pnpm": "pnpm install --frozen-lockfile", "yarn": "yarn --immutable"}
    assert fakes.calls[-3:] == [install[manager], "node --run lint", "node --run test"]
    assert len(fakes.calls) == (3 if manager == "npm" else 5)


@NEEDS_BASH
@pytest.mark.parametrize(("manager", "package"), [("pnpm", "pnpm"), ("yarn", "@yarnpkg/cli-dist")])
def test_the_package_manager_has_the_version_that_renovate_raises(tmp_path: Path, manager: str, package: str) -> None:
    project = bake(tmp_path, ci="gitlab", package_manager=manager)
    manifest = project.path / "scripts/image/package.json"
    manifest.write_text(json.dumps({"dependencies": {package: "99.0.0"}}), encoding="utf-8")
    fakes = Fakes(tmp_path / "fakes", "npm", manager)
    fakes.program("node", f'[ "$1" != -p ] || exec {shutil.which("node")} "$@"')
    job = yaml.safe_load(project.read(".gitlab-ci.yml"))["test"]
    assert replay(job, PUSH_TO_MAIN, fakes, project.path) == 0
    [installation] = [call for call in fakes.calls if call.startswith("npm install --global ")]
    assert installation.endswith(f" {package}@99.0.0")
    manifest.write_text("{", encoding="utf-8")
    assert replay(job, PUSH_TO_MAIN, fakes, project.path) != 0, "no manifest, no version: not just the newest one"


@NEEDS_BASH
@pytest.mark.parametrize("command", [NPM_CI, "node --run lint", "node --run test"])
def test_a_command_that_fails_fails_the_job(pipeline: dict[str, Any], tmp_path: Path, command: str) -> None:
    fakes = Fakes(tmp_path / "fakes", "npm", "node")
    fakes.fails(command)
    assert replay(pipeline["test"], PUSH_TO_MAIN, fakes) != 0
    assert fakes.calls[-1] == command


PUSH = "make push IMAGE=registry.example.com/team/app TAG=1.2.3"
IMAGE = f"registry.example.com/team/app@sha256:{'a' * 64}"
INSPECT = "docker image inspect --format {{index .RepoDigests 0}} registry.example.com/team/app:1.2.3"
SIGN = [f"cosign sign --yes {IMAGE}", f"cosign attest --yes --type cyclonedx --predicate sbom.cdx.json {IMAGE}"]


def released(
    pipeline: dict[str, Any], folder: Path, *, failing: str = "", host: str = "gitlab.com"
) -> tuple[int, Fakes]:
    """Run the release of v1.2.3 with fakes, of which one call may fail; return its status and the fakes."""
    fakes = Fakes(folder / "fakes", "apk", "make", "cosign")
    fakes.program("docker", f'case $1 in login) cat > password ;; image) echo "{IMAGE}" ;; esac')
    if failing:
        fakes.fails(failing)
    variables = {**VERSION_TAG, **REGISTRY, "CI_SERVER_HOST": host}
    return replay(pipeline["release-image"], variables, fakes), fakes


@NEEDS_BASH
def test_a_version_tag_becomes_an_image_that_was_tested_asked_and_signed(
    pipeline: dict[str, Any], tmp_path: Path
) -> None:
    status, fakes = released(pipeline, tmp_path)
    assert status == 0
    assert fakes.calls[1:] == ["make test", RUN, "make sbom", LOGIN, PUSH, INSPECT, *SIGN]
    assert (fakes.folder / "password").read_text().strip() == REGISTRY["CI_REGISTRY_PASSWORD"]
    assert {"bash", "cosign", "make"} <= set(fakes.calls[0].split()), "what the image lacks is installed"


@NEEDS_BASH
def test_another_gitlab_signs_nothing_and_releases_all_the_same(pipeline: dict[str, Any], tmp_path: Path) -> None:
    """The public Sigstore takes tokens of GitLab.com only (GitLab's documentation, signing_examples)."""
    status, fakes = released(pipeline, tmp_path, host="git.example.com")
    assert (status, fakes.calls[-2:]) == (0, [PUSH, INSPECT])


def test_only_the_release_can_sign(pipeline: dict[str, Any]) -> None:
    tokens = {name: job["id_tokens"] for name, job in pipeline.items() if "id_tokens" in job}
    assert tokens == {"release-image": {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}}}


@NEEDS_BASH
@pytest.mark.parametrize("step", ["make test", RUN, "make sbom", LOGIN])
def test_nothing_is_pushed_when_a_step_fails(pipeline: dict[str, Any], tmp_path: Path, step: str) -> None:
    status, fakes = released(pipeline, tmp_path, failing=step)
    assert status != 0
    assert fakes.calls[-1] == step


@NEEDS_BASH
@pytest.mark.parametrize("step", [INSPECT, *SIGN])
def test_a_release_that_is_not_signed_is_red(pipeline: dict[str, Any], tmp_path: Path, step: str) -> None:
    status, fakes = released(pipeline, tmp_path, failing=step)
    assert status != 0
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
    """Nothing, something, the same, more, no scan, the same again, less, nothing, the first again."""
    job = pipeline["scan"]
    assert job["cache"] == {"key": "scan", "paths": ["findings.txt"], "when": "always"}
    fakes = Fakes(tmp_path / "fakes", "apk")
    ends = []
    weeks = (("", 0), ("a", 1), ("a", 1), ("a b", 1), ("", 2), ("a b", 1), ("b", 1), ("", 0), ("a", 1))
    for found, status in weeks:
        fakes.program("make", f"[ -z '{found}' ] || printf '%s\\n' {found}\nexit {status}")
        ends.append(replay(job, SCHEDULE, fakes) == 0)
        kept = [
            file for file in fakes.folder.iterdir() if file.suffix == ".txt" and file.name not in job["cache"]["paths"]
        ]
        for file in kept:
            file.unlink()
    assert fakes.calls[-1] == "make --silent scan"
    assert ends == [True, False, True, False, False, True, True, True, False]
