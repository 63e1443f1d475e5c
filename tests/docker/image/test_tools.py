"""The tools are stages whose results come back: for any user, wherever the engine runs, in a folder of any name."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from support.baking import BakedProject
from support.running import Service, project_of

USER = 1234
# The capability stands for the group `docker`: the engine of the tests lies in the home of root.
AS_USER = f"setpriv --reuid {USER} --regid {USER} --clear-groups --inh-caps +dac_override --ambient-caps +dac_override"
KEYWORDS = '"keywords": ["a", "b"],'


@pytest.fixture(
    scope="module", params=["npm", *(pytest.param(name, marks=pytest.mark.full) for name in ("pnpm", "yarn"))]
)
def theirs(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Service]:
    """A project of an ordinary user."""
    with project_of(tmp_path_factory.mktemp("tools"), client, package_manager=request.param) as service:
        subprocess.run(["chown", "-R", f"{USER}:{USER}", service.project.path], check=True)
        yield service


def make_elsewhere(project: BakedProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as the project's user, in a folder that no process but its own sees: not the engine either.

    The folder is a file system of a private mount namespace; what make changed there is copied back.
    """
    home = "/srv"
    script = f"""
        mount -t tmpfs -o mode=777 tmpfs {home}
        cp --archive {shlex.quote(str(project.path))} {home}/project
        cd {home}/project
        {AS_USER} env HOME={home} make {shlex.join(arguments)}
        code=$?
        cp --archive --no-target-directory . {shlex.quote(str(project.path))}
        exit $code
    """
    command = ["unshare", "--mount", "sh", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def succeeds(project: BakedProject, *arguments: str) -> str:
    """Do `make` as above; return its output; fails the test unless it succeeds."""
    assert list(Path("/srv").iterdir()) == [], "the engine must not see the project"
    result = make_elsewhere(project, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def manifest(project: BakedProject) -> dict[str, Any]:
    """Return package.json."""
    return dict(json.loads(project.read("package.json")))


def contents(project: BakedProject) -> dict[str, str]:
    """Return every file's text."""
    return {path: project.read(path) for path in project.files}


def test_format_mends_what_lint_refuses(theirs: Service) -> None:
    project = theirs.project
    before = contents(project)
    package, routes = project.path / "package.json", project.path / "src" / "routes.js"
    package.write_text(before["package.json"].replace('"private"', f'{KEYWORDS}\n  "private"'), encoding="utf-8")
    routes.write_text(before["src/routes.js"].replace("{ message }", "{message}"), encoding="utf-8")
    refused = make_elsewhere(project, "lint")
    assert refused.returncode != 0, "a check that sees the files refuses them"
    assert "package.json" in refused.stderr + refused.stdout
    succeeds(project, "format")
    assert project.read("src/routes.js") == before["src/routes.js"]
    assert manifest(project)["keywords"] == ["a", "b"]
    package.write_text(before["package.json"], encoding="utf-8")
    succeeds(project, "lint")
    assert contents(project) == before


def test_packages_come_and_go(theirs: Service) -> None:
    project = theirs.project
    before = contents(project)
    succeeds(project, "lock")
    assert contents(project) == before
    succeeds(project, "add", "PACKAGE=is-number@7.0.0 ms@2.1.3")
    succeeds(project, "add", "PACKAGE=picocolors@1.1.1", "DEV=1")
    assert {"is-number": "7.0.0", "ms": "2.1.3"}.items() <= manifest(project)["dependencies"].items()
    assert manifest(project)["devDependencies"]["picocolors"] == "1.1.1"
    succeeds(project, "sbom")
    names = {part["name"] for part in json.loads(project.read("sbom.cdx.json"))["components"]}
    assert {"express", "pino", "is-number", "ms"} <= names
    assert not names & {"biome", "@biomejs/biome", "picocolors"}
    (project.path / "sbom.cdx.json").unlink()
    succeeds(project, "remove", "PACKAGE=is-number ms picocolors")
    assert contents(project) == before


@pytest.mark.parametrize("arguments", [("add", "no-such-package-here-0"), ("add", "a;touch marker"), ("remove", "ms")])
def test_a_failure_changes_nothing(theirs: Service, arguments: tuple[str, str]) -> None:
    target, names = arguments
    before = contents(theirs.project)
    result = make_elsewhere(theirs.project, target, f"PACKAGE=is-number@7.0.0 {names}")
    assert result.returncode != 0
    assert contents(theirs.project) == before


def test_everything_still_belongs_to_the_user(theirs: Service) -> None:
    """After a target that writes: the order of the tests above is not known."""
    assert make_elsewhere(theirs.project, "lock").returncode == 0
    paths = [theirs.project.path, *theirs.project.path.rglob("*")]
    assert {path.lstat().st_uid for path in paths} == {USER}
