"""The lockfiles that the template carries belong to the package.json that it renders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import locks
from node_multi_stage import merge
from support.baking import PROJECT, ROOT, bake
from support.combinations import CHOICES

TEMPLATE_MANIFEST = ROOT / PROJECT / "package.json"


def test_every_lockfile_matches() -> None:
    found = locks.problems()
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


def edit(file: Path, old: str, new: str) -> None:
    """Replace what stands in a file exactly once."""
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_a_stale_a_missing_and_a_left_over_lockfile_are_noticed(copied_locks: Path) -> None:
    express = TEMPLATE_MANIFEST.read_text().partition('"express": "')[2].partition('"')[0]
    edit(copied_locks / "npm" / "express.json", f'        "express": "{express}"', '        "express": "0.0.1"')
    (copied_locks / "pnpm" / "http.yaml").unlink()
    edit(copied_locks / "npm" / "http.json", "{{ cookiecutter.license }}", "MIT")
    (copied_locks / "yarn" / "left-over.lock").touch()
    address = copied_locks / "yarn" / "http.lock"
    address.write_text(address.read_text() + "\n# https://registry.example.com/x.tgz\n")
    # The answers that a line names are the defaults, of all questions that decide about a lockfile.
    assert [line.replace(" none", "") for line in sorted(locks.problems())] == [
        "npm/express.json does not match package.json (javascript 26)",
        "npm/http.json holds a slug or a licence of its own (javascript 26)",
        "pnpm/http.yaml is missing",
        "yarn/http.lock holds a download address",
        "yarn/left-over.lock belongs to no answers",
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
