"""What the generated GitHub workflow does: who is tested, who is released, and in which order."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.baking import bake, not_on_windows
from support.combinations import CHOICES
from support.fakes import Fakes
from support.github import (
    BUILD_TAG,
    CANDIDATE_TAG,
    OTHER_TAGS,
    PULL_REQUEST,
    PUSH_TO_A_BRANCH,
    PUSH_TO_MAIN,
    VERSION_TAG,
    Event,
    Replay,
    evaluate,
    jobs_that_run,
    load,
    replay,
    substituted,
)

NEEDS_BASH = not_on_windows("bash that runs the fakes")
DIGEST = "sha256:" + "a" * 64
# With the settings of `make test`: no CI has the .env of a machine.
RUN = "make run ENV_FILE=.env.example"
ASKED = "docker compose up --no-build --wait app"
# What the release's actions give to the steps after them.
OUTPUTS = {
    "metadata": {"tags": "ghcr.io/team/app:1.2.3", "labels": "some=label"},
    "image": {"digest": DIGEST},
}


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The workflow of a project with the default answers."""
    return load(bake(tmp_path_factory.mktemp("github"), ci="github").read(".github/workflows/ci.yml"))


@pytest.mark.parametrize(
    ("event", "jobs"),
    [
        (PUSH_TO_MAIN, ["test"]),
        (PUSH_TO_A_BRANCH, []),
        (PULL_REQUEST, ["test"]),
        (VERSION_TAG, ["test", "release", "notes"]),
        (CANDIDATE_TAG, ["test", "release", "notes"]),
        (BUILD_TAG, ["test"]),
        *((tag, []) for tag in OTHER_TAGS),
    ],
)
def test_which_jobs_an_event_starts(workflow: dict[str, Any], event: Event, jobs: list[str]) -> None:
    assert jobs_that_run(workflow, event) == jobs


def test_nothing_is_released_when_the_tests_fail(workflow: dict[str, Any]) -> None:
    assert jobs_that_run(workflow, VERSION_TAG, failing=["test"]) == ["test"]
    assert jobs_that_run(workflow, VERSION_TAG, failing=["release"]) == ["test", "release"]


def test_no_job_may_do_more_than_it_needs(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "test": {"contents": "read"},
        "release": {"attestations": "write", "contents": "read", "id-token": "write", "packages": "write"},
        "notes": {"contents": "write"},
    }


def test_no_job_hangs_for_hours(workflow: dict[str, Any]) -> None:
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


def test_a_newer_push_ends_the_run_of_an_older_one_but_never_a_release(workflow: dict[str, Any]) -> None:
    def concurrency(event: Event) -> tuple[str, bool]:
        group, cancel = workflow["concurrency"]["group"], workflow["concurrency"]["cancel-in-progress"]
        return substituted(group, github=event.github), substituted(cancel, github=event.github) == "True"

    assert concurrency(PUSH_TO_MAIN)[1]
    assert concurrency(PULL_REQUEST)[1]
    assert not concurrency(VERSION_TAG)[1]
    assert len({concurrency(event)[0] for event in (PUSH_TO_MAIN, PULL_REQUEST, VERSION_TAG)}) == 3


def played(
    workflow: dict[str, Any],
    name: str,
    folder: Path,
    *,
    failing: str = "",
    event: Event = VERSION_TAG,
    variables: dict[str, str] | None = None,
) -> Replay:
    """Run a job's steps, at a version tag by default, with recording fakes, of which one call may fail."""
    fakes = Fakes(folder / "fakes", "make", "docker", "cosign", "gh")
    if failing:
        fakes.fails(failing)
    return replay(workflow["jobs"][name], event, fakes, OUTPUTS, variables)


@NEEDS_BASH
def test_the_targets_that_prove_a_change(workflow: dict[str, Any], tmp_path: Path) -> None:
    result = played(workflow, "test", tmp_path)
    assert not result.failed
    assert [call for call in result.done if call.startswith("make ")] == [
        "make doctor",
        "make test",
        RUN,
        "make size",
        "make clean",
    ]


@NEEDS_BASH
@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_private_packages_come_by_the_readmes_step(tmp_path: Path, manager: str) -> None:
    """Its file gets to make by the variable of the Makefile, and to the action as what an installation mounts."""
    project = bake(tmp_path, ci="github", package_manager=manager)
    section = project.read("README.md").partition("For private packages")[2]
    [step] = yaml.safe_load(section.partition("```yaml\n")[2].partition("```")[0])
    [(variable, secret)] = step["env"].items()
    assert secret == f"${{{{ secrets.{variable} }}}}"
    environment = {**os.environ, "HOME": str(tmp_path), "GITHUB_ENV": str(tmp_path / "env"), variable: "registry=x"}
    subprocess.run(["bash", "-euo", "pipefail", "-c", step["run"]], env=environment, check=True)
    name, _, path = (tmp_path / "env").read_text(encoding="utf-8").strip().partition("=")
    assert Path(path).read_text(encoding="utf-8") == "registry=x"
    found = re.search(r"`secret-files:\s+(\w+)=/home/runner/(\S+)`", section)
    assert found
    assert found[2] == Path(path).name
    assert f'$${{{name}:+--secret "id={found[1]},src=$${name}"}}' in project.read("Makefile")
    stage = project.read("Dockerfile").partition(" AS prod-deps\n")[2].partition("\nFROM ")[0]
    assert f"--mount=type=secret,id={found[1]},target=/root/{found[2]} " in stage


@NEEDS_BASH
@pytest.mark.parametrize("step", ["make doctor", "make test", RUN])
def test_a_target_that_fails_fails_the_job(workflow: dict[str, Any], tmp_path: Path, step: str) -> None:
    result = played(workflow, "test", tmp_path, failing=step)
    assert result.failed
    assert result.done[-2:] == [step, "make clean"]


@NEEDS_BASH
def test_a_release_is_built_asked_pushed_attested_and_signed(workflow: dict[str, Any], tmp_path: Path) -> None:
    result = played(workflow, "release", tmp_path)
    assert not result.failed
    order = ["docker/build-push-action", ASKED, "docker/login-action", "docker/build-push-action"]
    order += ["actions/attest-build-provenance", "sigstore/cosign-installer"]
    order += [f"cosign sign --yes ghcr.io/team/app@{DIGEST}"]
    assert [step for step in result.done if step in order] == order
    [asked] = [step for step in workflow["jobs"]["release"]["steps"] if step.get("run") == ASKED]
    assert asked["env"]["APP_ENV_FILE"] == RUN.partition("=")[2]


@NEEDS_BASH
def test_an_image_that_does_not_answer_is_not_pushed(workflow: dict[str, Any], tmp_path: Path) -> None:
    result = played(workflow, "release", tmp_path, failing=ASKED)
    assert result.failed
    assert result.done[-1] == ASKED
    assert "docker/login-action" not in result.done


@NEEDS_BASH
@pytest.mark.parametrize(
    ("private", "variables", "attested"),
    [(False, {}, True), (True, {}, False), (True, {"ATTEST": "true"}, True)],
)
def test_attested_where_the_platform_can_and_signed_everywhere(
    workflow: dict[str, Any], tmp_path: Path, private: bool, variables: dict[str, str], attested: bool
) -> None:
    """Attestations of a private repository need GitHub Enterprise Cloud (README of actions/attest-build-provenance)."""
    event = Event("push", VERSION_TAG.ref, private=private)
    result = played(workflow, "release", tmp_path, event=event, variables=variables)
    assert not result.failed
    assert ("actions/attest-build-provenance" in result.done) is attested
    assert result.done[-1] == f"cosign sign --yes ghcr.io/team/app@{DIGEST}"


@NEEDS_BASH
def test_release_notes_are_those_of_the_tag(workflow: dict[str, Any], tmp_path: Path) -> None:
    """And a candidate is no release that others are shown as the latest."""
    notes = "gh release create {} --verify-tag --generate-notes"
    assert played(workflow, "notes", tmp_path / "a").done == [notes.format("v1.2.3")]
    candidate = played(workflow, "notes", tmp_path / "b", event=CANDIDATE_TAG).done
    assert candidate == [notes.format("v1.2.3-rc.1") + " --prerelease"]


@NEEDS_BASH
def test_what_a_release_builds(workflow: dict[str, Any], tmp_path: Path) -> None:
    """Both architectures, without a cache that a branch could have filled, under the tag's own version only."""
    inputs = played(workflow, "release", tmp_path).inputs
    candidate, image, metadata = inputs["docker/build-push-action"], inputs["image"], inputs["metadata"]
    assert candidate == {"context": ".", "load": "True", "no-cache": "True", "tags": "candidate:release"}
    assert image == {
        "context": ".",
        "platforms": "linux/amd64,linux/arm64",
        "outputs": "type=registry,oci-mediatypes=true,compression=zstd,compression-level=19,force-compression=true",
        "provenance": "mode=max",
        "sbom": "True",
        **OUTPUTS["metadata"],
    }
    assert metadata["images"] == "ghcr.io/team/app"
    assert metadata["tags"] == "type=semver,pattern={{version}}"
    assert metadata["flavor"] == "latest=false"
    login = inputs["docker/login-action"]
    assert (login["registry"], login["username"], login["password"]) == ("ghcr.io", "Somebody", "the-token")


@NEEDS_BASH
def test_the_attestation_names_what_was_pushed(workflow: dict[str, Any], tmp_path: Path) -> None:
    assert played(workflow, "release", tmp_path).inputs["actions/attest-build-provenance"] == {
        "subject-name": "ghcr.io/team/app",
        "subject-digest": DIGEST,
        "push-to-registry": "True",
    }


@NEEDS_BASH
def test_no_credentials_stay_in_a_checkout(workflow: dict[str, Any], tmp_path: Path) -> None:
    for name in workflow["jobs"]:
        inputs = played(workflow, name, tmp_path / name).inputs
        assert inputs.get("actions/checkout", {"persist-credentials": "False"})["persist-credentials"] == "False"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.ref_type == 'tag'", True),
        ("github.ref_type != 'tag' || !startsWith(github.ref, 'refs/tags/v')", False),
        ("startsWith(github.ref, 'refs/tags/v') && github.actor == 'Nobody'", False),
    ],
)
def test_an_expression_means_what_it_means_on_github(expression: str, value: bool) -> None:
    found = evaluate(expression, github=VERSION_TAG.github, startsWith=lambda text, start: text.startswith(start))
    assert bool(found) is value
