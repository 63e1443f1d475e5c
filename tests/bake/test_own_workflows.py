"""What this repository's own workflows do, replayed with fakes: they prove each change, and offer newer pins."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.baking import ROOT, not_on_windows
from support.fakes import Fakes
from support.github import (
    PULL_REQUEST,
    PUSH_TO_A_BRANCH,
    PUSH_TO_MAIN,
    VERSION_TAG,
    Replay,
    jobs_that_run,
    load,
    replay,
)

NEEDS_BASH = not_on_windows("bash that runs these fakes")
CHANGED = "git diff --cached --quiet"  # fails if something is staged
PROVED = ["make refresh", "make locks", "make javascript", "make test"]


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow of this repository."""
    return load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))


def played(name: str, job: str, folder: Path, *failing: str) -> Replay:
    """Run a job's steps on the main branch, with recording fakes, of which these calls fail."""
    fakes = Fakes(folder / "fakes", "make", "git", "gh", "date")
    for call in failing:
        fakes.fails(call)
    return replay(workflow(name)["jobs"][job], PUSH_TO_MAIN, fakes, {})


def test_each_change_is_baked_and_tested() -> None:
    proofs = workflow("ci")
    for event in (PUSH_TO_MAIN, PULL_REQUEST):
        assert jobs_that_run(proofs, event) == ["bake", "test"]
    for event in (PUSH_TO_A_BRANCH, VERSION_TAG):
        assert jobs_that_run(proofs, event) == []


def test_bakes_run_on_three_systems() -> None:
    job = workflow("ci")["jobs"]["bake"]
    assert {name.partition("-")[0] for name in job["strategy"]["matrix"]["os"]} == {"ubuntu", "macos", "windows"}
    assert not job["strategy"]["fail-fast"], "one system's failure must not hide another's"
    assert job["steps"][-1]["run"].startswith("python -m pytest ")


# Modules of Python that only Unix has.
UNIX = ("fcntl", "grp", "pwd", "resource", "syslog", "termios")


def test_windows_can_read_what_it_tests() -> None:
    """Whatever a conftest.py imports is imported for every test: one such module once took all of them away."""
    command = shlex.split(workflow("ci")["jobs"]["bake"]["steps"][-1]["run"])
    assert command[:3] == ["python", "-m", "pytest"]
    options = [*command[3:], "--collect-only", "-q", "-p", "no:cacheprovider"]
    program = f"import sys; sys.modules.update(dict.fromkeys({UNIX})); import pytest; sys.exit(pytest.main({options}))"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-2000:]
    assert "tests/answers/test_odd_answers.py" in result.stdout


@NEEDS_BASH
@pytest.mark.parametrize("failing", [(), ("make demo",), ("make test",)])
def test_linux_does_the_two_commands(tmp_path: Path, failing: tuple[str, ...]) -> None:
    result = played("ci", "test", tmp_path, *failing)
    assert result.failed is bool(failing)
    expected = ["make demo", "make test"][: 1 if failing == ("make demo",) else 2]
    assert result.done == ["actions/checkout", *expected]


@pytest.mark.parametrize("name", ["ci", "refresh"])
def test_only_who_opens_a_pull_request_may_write(name: str) -> None:
    proofs = workflow(name)
    assert proofs["permissions"] == {}
    writing = {job for job, content in proofs["jobs"].items() if "write" in content["permissions"].values()}
    assert writing == ({"pins"} if name == "refresh" else set())


def jobs_that_test() -> dict[str, dict[str, Any]]:
    """Return every job of our own workflows that runs `make test`, by name."""
    jobs = {name: job for file in ("ci", "refresh") for name, job in workflow(file)["jobs"].items()}
    found = {name: job for name, job in jobs.items() if {"run": "make test"} in job["steps"]}
    assert found.keys() == {"test", "pins"}
    return found


@pytest.mark.parametrize("name", ["test", "pins"])
def test_who_runs_every_test_has_what_they_need(name: str) -> None:
    """Root's permissions, the history, and longer than the tests get."""
    job = jobs_that_test()[name]
    assert job["defaults"]["run"]["shell"].startswith("sudo --preserve-env bash")
    [checkout] = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0
    [minutes] = re.findall(r"\b(\d+)m make test$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert job["timeout-minutes"] > int(minutes)


@NEEDS_BASH
def test_newer_pins_are_proved_and_then_offered(tmp_path: Path) -> None:
    result = played("refresh", "pins", tmp_path, CHANGED)
    assert not result.failed
    made = [call for call in result.done if call.startswith("make ")]
    assert made == PROVED
    pushed = next(call for call in result.done if call.startswith("git push "))
    assert "x-access-token:the-token@github.com/Team/App" in pushed
    offered = next(call for call in result.done if call.startswith("gh pr create"))
    assert result.done.index("make test") < result.done.index(pushed) < result.done.index(offered)


@NEEDS_BASH
@pytest.mark.parametrize("failing", [*((target, CHANGED) for target in PROVED), ()])
def test_nothing_is_offered_that_fails_or_changes_nothing(tmp_path: Path, failing: tuple[str, ...]) -> None:
    result = played("refresh", "pins", tmp_path, *failing)
    assert result.failed is bool(failing)
    assert [call for call in result.done if call.startswith(("git push", "gh "))] == []


@NEEDS_BASH
def test_every_combination_is_rebuilt_each_week(tmp_path: Path) -> None:
    assert "schedule" in workflow("refresh")["on"]
    result = played("refresh", "rebuild", tmp_path)
    assert result.done == ["actions/checkout", "make test-all PART=combinations"]
