"""The lockfiles that the template carries belong to the package.json that it renders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import locks
from node_multi_stage import merge
from support.baking import bake
from support.combinations import CHOICES


def test_every_lockfile_matches(tmp_path: Path) -> None:
    found = locks.problems(tmp_path)
    assert found == [], "make locks writes them anew"


def test_an_update_knows_every_lockfile() -> None:
    """The command is installed without tools/, so it has names of its own."""
    assert set(merge.LOCKFILES) == set(locks.LOCKFILES.values())


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
    stale.write_text(json.dumps(lock, indent=2) + "\n")
    (copied_locks / "pnpm" / "http-javascript" / "pnpm-lock.yaml").unlink()
    named = copied_locks / "npm" / "http-javascript" / "package-lock.json"
    named.write_text(named.read_text().replace("{{ cookiecutter.license }}", "MIT"))
    (copied_locks / "yarn" / "left-over").mkdir()
    (copied_locks / "yarn" / "left-over" / "yarn.lock").touch()
    address = copied_locks / "yarn" / "http-javascript" / "yarn.lock"
    address.write_text(address.read_text() + "\n# https://registry.example.com/x.tgz\n")
    (tmp_path / "work").mkdir()
    assert sorted(locks.problems(tmp_path / "work")) == [
        "npm/express-javascript/package-lock.json does not match package.json",
        "npm/http-javascript/package-lock.json holds a slug or a licence of its own",
        "pnpm/http-javascript/pnpm-lock.yaml is missing",
        "yarn/http-javascript/yarn.lock holds a download address",
        "yarn/left-over/yarn.lock belongs to no answers",
    ]


@pytest.mark.parametrize("license_id", CHOICES["license"])
def test_npm_finds_its_own_name_and_licence_in_the_lockfile(tmp_path: Path, license_id: str) -> None:
    """npm would write them, so that a lockfile with others changes at the first installation."""
    project = bake(tmp_path, project_slug="an-app", license=license_id)
    lock = json.loads(project.read("package-lock.json"))
    manifest = json.loads(project.read("package.json"))
    root = lock["packages"][""]
    assert (lock["name"], lock["version"]) == ("an-app", manifest["version"])
    assert {key: root[key] for key in ("name", "version", "license")} == {
        "name": "an-app",
        "version": manifest["version"],
        "license": license_id,
    }
    assert root["engines"] == manifest["engines"]


@pytest.mark.parametrize("slug", ["an-app", "zz-top"])
def test_yarn_finds_its_own_name_where_it_sorts_it(tmp_path: Path, slug: str) -> None:
    """`yarn --immutable` refuses any other order."""
    text = bake(tmp_path, project_slug=slug, package_manager="yarn").read(locks.LOCKFILES["yarn"])
    entries = [line for line in text.splitlines() if line.startswith('"')]
    assert f'"{slug}@workspace:.":' in entries
    assert entries == sorted(entries)
    assert f'resolution: "{slug}@workspace:."' in text
    assert "node-multi-stage-app" not in text
