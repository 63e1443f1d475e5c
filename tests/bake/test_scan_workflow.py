"""What the generated workflow `scan` does: an issue for new findings, silence for known ones, red without a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.baking import bake, not_on_windows
from support.fakes import Fakes
from support.github import PULL_REQUEST, PUSH_TO_MAIN, SCHEDULE, VERSION_TAG, Replay, jobs_that_run, load, replay

NEEDS_BASH = not_on_windows("bash that runs the fakes")
FOUND = "High CVE-1: some-package 1.0.0 (npm), fixed in 1.0.1\n"
OTHER = "Critical CVE-2: node 26.10.0 (binary), fixed in 26.10.1\n"


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The workflow of a project with the default answers."""
    return load(bake(tmp_path_factory.mktemp("scan"), ci="github").read(".github/workflows/scan.yml"))


class Week:
    """One run of the job: what `make scan` finds, and the title of the last issue about findings."""

    def __init__(self, workflow: dict[str, Any], folder: Path, found: str, status: int, last: str = "") -> None:
        """Run it; `gh` keeps the body of the issue that it opens."""
        self.fakes = Fakes(folder)
        self.fakes.program("make", f"printf '%s' '{found}'\nexit {status}")
        self.fakes.program(
            "gh", f"[ \"$2\" != list ] || printf '%s\\n' '{last}'\n[ \"$2\" != create ] || cp issue.md body"
        )
        self.result: Replay = replay(workflow["jobs"]["scan"], SCHEDULE, self.fakes, {})

    @property
    def opened(self) -> str:
        """The title of the issue that was opened; empty if none was."""
        [*calls] = [call for call in self.fakes.calls if call.startswith("gh issue create --title ")]
        assert len(calls) < 2
        return calls[0].split(" --title ")[1].split(" --body-file ")[0] if calls else ""


def test_it_runs_every_week_and_on_nothing_that_people_push(workflow: dict[str, Any]) -> None:
    [schedule] = workflow["on"]["schedule"]
    assert schedule["cron"].endswith(" * * 1")
    assert jobs_that_run(workflow, SCHEDULE) == ["scan"]
    for event in (PUSH_TO_MAIN, PULL_REQUEST, VERSION_TAG):
        assert jobs_that_run(workflow, event) == []


def test_it_may_write_issues_and_nothing_else(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    [job] = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read", "issues": "write"}
    assert job["steps"][0]["with"] == {"persist-credentials": False}
    assert job["timeout-minutes"] <= 60


@NEEDS_BASH
def test_an_image_without_findings_makes_no_noise(workflow: dict[str, Any], tmp_path: Path) -> None:
    week = Week(workflow, tmp_path / "fakes", "", 0)
    assert not week.result.failed
    assert week.result.done == ["actions/checkout", "make --silent scan"]


@NEEDS_BASH
def test_findings_become_an_issue_once(workflow: dict[str, Any], tmp_path: Path) -> None:
    """The same findings in the next weeks open none, whatever became of the issue; other findings do."""
    first = Week(workflow, tmp_path / "first", FOUND, 1)
    assert not first.result.failed
    assert first.opened.startswith("Known vulnerabilities ")
    body = (first.fakes.folder / "body").read_text()
    assert f"~~~\n{FOUND}~~~\n" in body
    assert "0123abc" in body
    again = Week(workflow, tmp_path / "again", FOUND, 1, last=first.opened)
    assert (again.result.failed, again.opened) == (False, "")
    [asked] = [call for call in again.fakes.calls if call.startswith("gh issue list ")]
    assert "--state all" in asked
    assert "author:app/github-actions" in asked
    assert f'in:title "{first.opened[:21]}"' in asked
    other = Week(workflow, tmp_path / "other", FOUND + OTHER, 1, last=first.opened)
    assert other.opened not in ("", first.opened)
    assert Week(workflow, tmp_path / "back", FOUND, 1, last=other.opened).opened == first.opened


@NEEDS_BASH
def test_a_scan_that_could_not_run_is_red(workflow: dict[str, Any], tmp_path: Path) -> None:
    week = Week(workflow, tmp_path / "fakes", "", 2)
    assert week.result.failed
    assert week.opened == ""


@NEEDS_BASH
@pytest.mark.parametrize("verb", ["list", "create"])
def test_an_issue_that_cannot_be_opened_is_red(workflow: dict[str, Any], tmp_path: Path, verb: str) -> None:
    fakes = Fakes(tmp_path / "fakes")
    fakes.program("make", f"printf '%s' '{FOUND}'\nexit 1")
    fakes.program("gh", f'[ "$2" != {verb} ]')
    assert replay(workflow["jobs"]["scan"], SCHEDULE, fakes, {}).failed
