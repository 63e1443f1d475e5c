"""What may be installed: versions of a day or older, nothing from git or a URL, install scripts by name."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from support.combinations import CHOICES
from support.company.builds import remedies
from support.packages.registry import YoungRegistry, young_registry
from support.planted import allow_script, edit_manifest, exempt, forget_scripts
from support.running import Service, project_of

MANAGERS = ["npm", pytest.param("pnpm", marks=pytest.mark.full), pytest.param("yarn", marks=pytest.mark.full)]
HINT = re.compile(r"^==> No install script is allowed for (\S+)\. In (\S+?)[:,] ", re.MULTILINE)


@pytest.fixture(scope="module")
def registry(client: docker.DockerClient) -> Iterator[YoungRegistry]:
    """What the scope @young is locked from."""
    with young_registry(client) as running:
        yield running


@pytest.fixture
def settings(registry: YoungRegistry, tmp_path: Path) -> dict[str, str]:
    """The variables that lead a build there."""
    return registry.settings(tmp_path)


def make(service: Service, settings: dict[str, str], target: str, **variables: str) -> tuple[int, str]:
    """Run make; return status and all output."""
    result: subprocess.CompletedProcess[str] = service.project.make(target, **settings, **variables)
    return result.returncode, result.stdout + result.stderr


def locked_versions(service: Service) -> dict[str, str]:
    """Return the production dependencies of package.json, which are exact."""
    found: dict[str, str] = json.loads(service.project.read("package.json")).get("dependencies", {})
    return found


@pytest.mark.parametrize("manager", MANAGERS)
def test_a_version_waits_for_a_day(
    client: docker.DockerClient, tmp_path: Path, settings: dict[str, str], manager: str
) -> None:
    with project_of(tmp_path / "project", client, framework="http", package_manager=manager) as service:
        before = {path: service.project.read(path) for path in service.project.files}
        status, log = make(service, settings, "add", PACKAGE="@young/new")
        assert status != 0
        [remedy] = remedies(service, log)
        assert remedy.startswith("wait a day; or in ")
        assert {path: service.project.read(path) for path in before} == before, "a failure changes nothing"
        status, log = make(service, settings, "add", PACKAGE="@young/renewed")
        assert status == 0, log
        assert locked_versions(service) == {"@young/renewed": "1.0.0"}, "the older of its versions"
        exempt(service.project, "@young/new")
        status, log = make(service, settings, "add", PACKAGE="@young/new")
        assert status == 0, log
        assert locked_versions(service) == {"@young/renewed": "1.0.0", "@young/new": "1.0.0"}
        status, log = make(service, settings, "build")
        assert status == 0, log


@pytest.mark.full
@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_what_is_locked_installs_at_any_age(
    client: docker.DockerClient, tmp_path: Path, settings: dict[str, str], manager: str
) -> None:
    """pnpm alone looks into the lockfile again, with any settings: there the exception is committed, too."""
    with project_of(tmp_path / "project", client, framework="http", package_manager=manager) as service:
        policy = {"npm": ".npmrc", "pnpm": "pnpm-workspace.yaml", "yarn": ".yarnrc.yml"}[manager]
        text = service.project.read(policy)
        exempt(service.project, "@young/new")
        status, log = make(service, settings, "lock")
        assert status == 0, log
        edit_manifest(service.project, dependencies={"@young/new": "1.0.0"})
        status, log = make(service, settings, "lock")
        assert status == 0, log
        (service.project.path / policy).write_text(text, encoding="utf-8")
        status, log = make(service, settings, "image-dev")
        assert (status == 0) is (manager != "pnpm"), log
        if manager == "pnpm":
            assert [remedy[:11] for remedy in remedies(service, log)] == ["wait a day;"]


@pytest.mark.full
@pytest.mark.parametrize(
    ("manager", "package", "cure"),
    [
        ("npm", "@young/from-git", "a version from a registry; or `allow-git=root`"),
        ("npm", "@young/from-afar", "`make lock`, if only the lockfile has URLs; or `allow-remote=root`"),
        ("pnpm", "@young/from-afar", "a version from a registry; or `blockExoticSubdeps: false`"),
        ("yarn", "@young/from-git", "a version from a registry; or the repository's URL"),
    ],
)
def test_nothing_comes_from_git_or_from_an_address(
    client: docker.DockerClient, tmp_path: Path, settings: dict[str, str], manager: str, package: str, cure: str
) -> None:
    with project_of(tmp_path / "project", client, framework="http", package_manager=manager) as service:
        status, log = make(service, settings, "add", PACKAGE=package)
        assert status != 0
        [remedy] = remedies(service, log)
        assert remedy.startswith(cure)
        assert locked_versions(service) == {}


def marks_in(client: docker.DockerClient, service: Service) -> list[str]:
    """Return the packages of the image for development whose install script ran: it leaves a file."""
    command = ["sh", "-c", "find node_modules -name ran.txt"]
    found = client.containers.run(f"{service.project.slug}:dev", command, remove=True).decode().split()
    return [re.sub(r".*node_modules/(.*)/ran\.txt", r"\1", path) for path in found]


@pytest.mark.full
@pytest.mark.parametrize("manager", ["pnpm", "yarn"])
@pytest.mark.parametrize("development", [False, True], ids=["production", "development"])
def test_make_add_says_which_script_to_allow(
    client: docker.DockerClient, tmp_path: Path, settings: dict[str, str], manager: str, development: bool
) -> None:
    """Also of a package that another brings along; the line that it names lets the script run."""
    variables = {"PACKAGE": "@young/parent", **({"DEV": "1"} if development else {})}
    with project_of(tmp_path / "project", client, framework="http", package_manager=manager) as service:
        status, log = make(service, settings, "add", **variables)
        assert status == 0, log
        file = "pnpm-workspace.yaml" if manager == "pnpm" else "package.json"
        assert HINT.findall(log) == [("@young/scripted", file)]
        assert len(log.splitlines()) == 1
        allow_script(service.project, "@young/scripted")
        for target in ("lock", "image-dev"):
            status, log = make(service, settings, target)
            assert status == 0, log
        assert marks_in(client, service) == ["@young/scripted"]


@pytest.mark.parametrize(
    "variables", [{}, pytest.param({"DEV": "1"}, marks=pytest.mark.full)], ids=["production", "development"]
)
def test_with_npm_make_add_names_the_script_that_it_brings(
    client: docker.DockerClient, tmp_path: Path, settings: dict[str, str], variables: dict[str, str]
) -> None:
    """Once: what is refused stays so, and a name that is gone, or came without make, is not written again."""

    def allowed() -> dict[str, bool]:
        found: dict[str, bool] = json.loads(service.project.read("package.json")).get("allowScripts", {})
        return found

    with project_of(tmp_path / "project", client, framework="http") as service:
        status, log = make(service, settings, "add", PACKAGE="@young/parent", **variables)
        assert (status, allowed()) == (0, {"@young/scripted": True}), log
        allows = "==> package.json allows (false there refuses) the install script of @young/scripted\n"
        assert log == allows
        status, log = make(service, settings, "image-dev")
        assert status == 0, log
        assert marks_in(client, service) == ["@young/scripted"]
        assert make(service, settings, "remove", PACKAGE="@young/parent")[0] == 0
        forget_scripts(service.project)
        status, log = make(service, settings, "add", PACKAGE="@young/parent", REFUSE="@young/scriptde", **variables)
        assert (status == 0, allowed()) == (False, {}), log
        assert "==> REFUSE: no package @young/scriptde with an install script is in package-lock.json\n" in log
        status, log = make(service, settings, "add", PACKAGE="@young/parent", REFUSE="@young/scripted", **variables)
        assert (status, log) == (0, "==> package.json refuses the install script of @young/scripted\n")
        # Decided is decided: another call changes nothing.
        assert make(service, settings, "remove", PACKAGE="@young/parent")[0] == 0
        assert make(service, settings, "add", PACKAGE="@young/parent", **variables)[0] == 0
        status, log = make(service, settings, "image-dev")
        assert status == 0, log
        assert (marks_in(client, service), allowed()) == ([], {"@young/scripted": False})
        forget_scripts(service.project)
        assert make(service, settings, "lock")[0] == 0
        assert allowed() == {}
        status, log = make(service, settings, "image-dev")
        assert status != 0
        assert "==> No install script is allowed for @young/scripted. In package.json: " in log
