"""The README's table of errors: each text in it is caused for real, and leads to its own cure."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import docker
import pytest

from locks import LOCKFILES
from support.combinations import CHOICES
from support.company.builds import depend_on, make, remedies
from support.company.surroundings import NAME, Surroundings
from support.planted import edit_manifest, plant_lacking_addon, plant_packages
from support.running import Service, project_of

pytestmark = pytest.mark.full


@pytest.mark.parametrize(
    ("cause", "cure"),
    [
        ("certificate", "NODE_EXTRA_CA_CERTS="),
        ("token", "NPMRC="),
        ("name", "HTTPS_PROXY="),
        ("proxy", "HTTPS_PROXY="),
    ],
)
def test_network(company: Surroundings, project: Service, tmp_path: Path, cause: str, cure: str) -> None:
    """No CA; no token; a registry whose name does not resolve; a proxy on a port that is closed."""
    depend_on(project.project, company.publish())
    registry = f"https://{NAME}:4874" if cause == "name" else company.registry
    settings = {"NPMRC": str(company.npmrc(tmp_path / "npmrc", registry, token="" if cause == "token" else None))}
    if cause != "certificate":
        settings["NODE_EXTRA_CA_CERTS"] = str(company.bundle(tmp_path / "ca.pem"))
    if cause == "proxy":
        settings["HTTPS_PROXY"] = f"http://{company.address}:9"
    status, log = make(project.project, "build", **settings)
    assert status != 0
    found = remedies(project, log)
    assert len(found) == 1, (found, log)
    assert found[0].startswith(f"`{cure}")


def test_base_image_from_a_registry_that_is_not_there(project: Service, host: dict[str, str]) -> None:
    status, log = make(project.project, "build", "MIRROR=127.0.0.1:9/hub", **host)
    assert status != 0
    assert "`MIRROR=registry.example.com/hub`" in remedies(project, log)


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_stale_lockfile(client: docker.DockerClient, tmp_path: Path, host: dict[str, str], manager: str) -> None:
    """One of another manifest, and none."""
    with project_of(tmp_path, client, package_manager=manager) as service:
        manifest = service.project.path / "package.json"
        manifest.write_text(re.sub(r'("pino": )"[\d.]+"', r'\1"10.3.0"', manifest.read_text()))
        for _ in range(2):
            status, log = make(service.project, "build", **host)
            assert status != 0
            assert "make lock" in log
            assert remedies(service, log) == ["`make lock`"]
            (service.project.path / LOCKFILES[manager]).unlink(missing_ok=True)


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_a_patch_of_another_version(
    client: docker.DockerClient, tmp_path: Path, host: dict[str, str], manager: str
) -> None:
    with project_of(tmp_path, client, package_manager=manager) as service:
        plant_packages(service.project)
        [file] = [path for path in service.project.files if path.endswith(".patch")]
        text = service.project.read(file)
        (service.project.path / file).write_text(text.replace("  * Helpers.", "  * Helpless."), encoding="utf-8")
        locked, log = make(service.project, "lock", **host)
        if locked == 0:
            status, log = make(service.project, "build", **host)
            assert status != 0
        assert remedies(service, log) == ["create the patch again, for the locked version"], log


@pytest.mark.parametrize(
    ("manager", "file"), [("npm", "package.json"), ("pnpm", "pnpm-workspace.yaml"), ("yarn", "package.json")]
)
def test_a_script_that_nobody_allowed(
    client: docker.DockerClient, tmp_path: Path, host: dict[str, str], manager: str, file: str
) -> None:
    with project_of(tmp_path, client, package_manager=manager) as service:
        edit_manifest(service.project, dependencies={"msgpackr-extract": "3.0.3"})
        # With npm, `make lock` allows the scripts that are new, if there was a lockfile.
        (service.project.path / "package-lock.json").unlink(missing_ok=True)
        status, log = make(service.project, "lock", **host)
        assert status == 0, log
        status, log = make(service.project, "build", **host)
        assert status != 0
        assert remedies(service, log) == [f"allow or refuse the package's script in `{file}`, as the line says"], log


def test_a_library_that_is_not_there(project: Service, host: dict[str, str]) -> None:
    plant_lacking_addon(project.project, project.client, "node:26-trixie")
    assert make(project.project, "lock", **host)[0] == 0
    status, log = make(project.project, "build", **host)
    assert status != 0
    [remedy] = remedies(project, log)
    assert remedy.startswith("its Debian package")


def test_yarn_has_no_node_gyp_of_its_own(client: docker.DockerClient, tmp_path: Path, host: dict[str, str]) -> None:
    """The other two bring one. The package's script calls it, and its manifest does not name it."""
    with project_of(tmp_path, client, framework="http", package_manager="yarn") as service:
        built = {"unix-dgram": {"built": True}}
        edit_manifest(service.project, dependencies={"unix-dgram": "2.0.7"}, dependenciesMeta=built)
        status, log = make(service.project, "lock", **host)
        assert status == 0, log
        status, log = make(service.project, "build", **host)
        assert status != 0
        assert remedies(service, log) == ["`make add PACKAGE=node-gyp`: yarn brings none"], log
        status, log = make(service.project, "add", "PACKAGE=node-gyp@13.1.0", **host)
        assert status == 0, log
        status, log = make(service.project, "build", **host)
        assert status == 0, log


def test_a_root_script_without_its_tool(project: Service, host: dict[str, str]) -> None:
    edit_manifest(project.project, scripts={"postinstall": "patch-package"})
    status, log = make(project.project, "build", **host)
    assert status != 0
    [remedy] = remedies(project, log)
    assert remedy.startswith("the tool among `dependencies`")


def test_no_space(project: Service) -> None:
    """The kernel's own words, which npm, the engine and the shell repeat."""
    command = ["docker", "run", "--rm", "--tmpfs", "/full:size=64k", "node:26-trixie-slim", "sh", "-c"]
    script = (
        "head -c 1M /dev/zero > /full/x; cd /full && npm_config_cache=/full npm pack /usr/local/lib/node_modules/npm"
    )
    result = subprocess.run([*command, script], capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert remedies(project, result.stderr.replace("No space", "no space")) == ["`docker builder prune`"]


def test_engine_too_old(project: Service, tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho 20.10.24\n")
    (tmp_path / "docker").chmod(0o755)
    status, log = make(project.project, "build", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert status != 0
    assert remedies(project, log) == ["a newer Docker; `make doctor` says which"]
