"""The lockfiles that the template carries belong to the package.json that it renders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import locks


def test_every_lockfile_matches(tmp_path: Path) -> None:
    found = locks.problems(tmp_path)
    assert found == [], "make locks writes them anew"


@pytest.fixture
def copied_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the lockfiles that a test may spoil."""
    copy = tmp_path / "locks"
    shutil.copytree(locks.LOCKS, copy)
    monkeypatch.setattr(locks, "LOCKS", copy)
    return copy


def test_a_stale_a_missing_and_a_left_over_lockfile_are_noticed(copied_locks: Path, tmp_path: Path) -> None:
    stale = copied_locks / "npm" / "express-javascript" / "package-lock.json"
    lock = json.loads(stale.read_text())
    lock["packages"][""]["dependencies"]["express"] = "0.0.1"
    stale.write_text(json.dumps(lock))
    (copied_locks / "pnpm" / "http-javascript" / "pnpm-lock.yaml").unlink()
    (copied_locks / "yarn" / "left-over").mkdir()
    (copied_locks / "yarn" / "left-over" / "yarn.lock").touch()
    address = copied_locks / "yarn" / "http-javascript" / "yarn.lock"
    address.write_text(address.read_text() + "\n# https://registry.example.com/x.tgz\n")
    (tmp_path / "work").mkdir()
    assert sorted(locks.problems(tmp_path / "work")) == [
        "npm/express-javascript/package-lock.json does not match package.json",
        "pnpm/http-javascript/pnpm-lock.yaml is missing",
        "yarn/http-javascript/yarn.lock holds a download address",
        "yarn/left-over/yarn.lock belongs to no answers",
    ]
