"""What the update bots of a generated project would offer: everything but a new major of Node, a week after release."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from locks import LOCKFILES
from support.baking import BakedProject, bake
from support.combinations import CHOICES

# Every kind of thing in a project that grows old, and a file that holds it.
ECOSYSTEMS = {"npm": "package.json", "docker": "Dockerfile", "github-actions": ".github/workflows/ci.yml"}


def dependabot_offers(config: dict[str, Any], ecosystem: str, name: str, kind: str) -> bool:
    """Return whether dependabot would open a pull request for a `major`, `minor` or `patch` update."""
    [entry] = [entry for entry in config["updates"] if entry["package-ecosystem"] == ecosystem]
    assert entry["directory"] == "/"
    return not any(
        rule["dependency-name"] == name
        and f"version-update:semver-{kind}" in rule.get("update-types", [f"version-update:semver-{kind}"])
        for rule in entry.get("ignore", [])
    )


def renovate_offers(config: dict[str, Any], name: str, kind: str) -> bool:
    """Return whether renovate would open a merge request; the last rule that fits decides."""
    enabled = True
    for rule in config["packageRules"]:
        if name in rule.get("matchPackageNames", [name]) and kind in rule.get("matchUpdateTypes", [kind]):
            enabled = rule.get("enabled", enabled)
    return enabled


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A project on GitHub."""
    return bake(tmp_path_factory.mktemp("github"), ci="github", database="postgres")


@pytest.fixture(scope="module")
def dependabot(github: BakedProject) -> dict[str, Any]:
    """Its dependabot.yml."""
    found: dict[str, Any] = yaml.safe_load(github.read(".github/dependabot.yml"))
    return found


@pytest.fixture(scope="module")
def renovate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The renovate.json of a project on GitLab."""
    project = bake(tmp_path_factory.mktemp("gitlab"), ci="gitlab", database="postgres")
    found: dict[str, Any] = json.loads(project.read("renovate.json"))
    return found


def test_dependabot_looks_at_everything_that_grows_old(github: BakedProject, dependabot: dict[str, Any]) -> None:
    assert set(ECOSYSTEMS.values()) <= set(github.files)
    assert sorted(entry["package-ecosystem"] for entry in dependabot["updates"]) == sorted(ECOSYSTEMS)


@pytest.mark.parametrize(
    ("ecosystem", "name", "kind", "offered"),
    [
        ("npm", "express", "major", True),
        ("npm", "express", "patch", True),
        ("npm", "@types/node", "minor", True),
        ("npm", "@types/node", "major", False),
        ("docker", "node", "minor", True),
        ("docker", "node", "major", False),
        ("docker", "postgres", "minor", True),
        ("docker", "postgres", "major", False),
        ("docker", "haproxy", "major", True),
        ("github-actions", "actions/checkout", "major", True),
    ],
)
def test_what_dependabot_offers(
    dependabot: dict[str, Any], ecosystem: str, name: str, kind: str, offered: bool
) -> None:
    assert dependabot_offers(dependabot, ecosystem, name, kind) is offered


def test_dependabot_waits_a_week(dependabot: dict[str, Any]) -> None:
    """What was published to do harm is usually found out by then."""
    for entry in dependabot["updates"]:
        assert entry["schedule"]["interval"] == "weekly"
        assert entry["cooldown"]["default-days"] >= 7


def test_dependabot_opens_one_pull_request_for_what_is_compatible(dependabot: dict[str, Any]) -> None:
    [npm] = [entry for entry in dependabot["updates"] if entry["package-ecosystem"] == "npm"]
    assert npm["groups"] == {"npm": {"patterns": ["*"], "update-types": ["minor", "patch"]}}


@pytest.mark.parametrize(
    ("name", "kind", "offered"),
    [
        ("express", "major", True),
        ("node", "minor", True),
        ("node", "major", False),
        ("postgres", "minor", True),
        ("postgres", "major", False),
        ("@types/node", "minor", True),
        ("@types/node", "major", False),
    ],
)
def test_what_renovate_offers(renovate: dict[str, Any], name: str, kind: str, offered: bool) -> None:
    assert renovate_offers(renovate, name, kind) is offered


def test_renovate_waits_a_week_and_pins_images(renovate: dict[str, Any]) -> None:
    assert renovate["minimumReleaseAge"] == "7 days"
    assert "docker:pinDigests" in renovate["extends"]


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_a_project_has_the_bot_of_its_host_only(tmp_path: Path, ci: str) -> None:
    files = bake(tmp_path, ci=ci).files
    assert (".github/dependabot.yml" in files, "renovate.json" in files) == (ci == "github", ci == "gitlab")


@pytest.mark.parametrize(("manager", "package"), [("pnpm", "pnpm"), ("yarn", "@yarnpkg/cli-dist")])
@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_the_bots_find_the_package_manager_in_the_one_place_that_names_its_version(
    tmp_path: Path, ci: str, manager: str, package: str
) -> None:
    """A manifest: dependabot looks into folders that are named, renovate into all but a few (`ignorePaths`)."""
    project = bake(tmp_path, ci=ci, package_manager=manager)
    place = "scripts/image/package.json"
    manifest = json.loads(project.read(place))
    assert "name" not in manifest, "it would be taken for a local package"
    [(name, version)] = manifest["dependencies"].items()
    assert (name, re.sub(r"\d+", "1", version)) == (package, "1.1.1")
    written = [path for path in project.files if path not in LOCKFILES.values() and version in project.read(path)]
    assert written == [place]
    if ci == "gitlab":
        assert json.loads(project.read("renovate.json")).keys().isdisjoint({"includePaths", "enabledManagers"})
        return
    updates = yaml.safe_load(project.read(".github/dependabot.yml"))["updates"]
    [npm] = [entry for entry in updates if entry["package-ecosystem"] == "npm"]
    folders = [f"/{path.removesuffix('package.json').rstrip('/')}" for path in project.files if "package.json" in path]
    assert npm["directories"] == folders


@pytest.mark.parametrize("orchestrator", CHOICES["orchestrator"])
def test_the_image_of_the_balancer_is_raised(tmp_path: Path, orchestrator: str) -> None:
    """Renovate has to be told that stack.yaml is a Compose file; dependabot cannot be, so its file says so."""
    renovate = json.loads(bake(tmp_path / "gitlab", ci="gitlab", orchestrator=orchestrator).read("renovate.json"))
    patterns = renovate.get("docker-compose", {}).get("managerFilePatterns", [])
    project = bake(tmp_path / "github", ci="github", orchestrator=orchestrator)
    files = [path for path in project.files if path.startswith("deploy/") and "image: haproxy:" in project.read(path)]
    assert [path.strip("/^$").replace("\\", "") for path in patterns] == files
    by_hand = "HAProxy in deploy/stack.yaml: raise that one by hand" in project.read(".github/dependabot.yml")
    assert by_hand == bool(files) == (orchestrator == "swarm")
