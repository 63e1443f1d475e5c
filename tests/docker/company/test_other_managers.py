"""pnpm and yarn behind the private CA and with a token, in NPMRC or YARNRC: with them, without them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import docker
import pytest
import yaml

from support.company.builds import make, module_in, private_build, remedies
from support.company.surroundings import NAME, Surroundings
from support.company.traces import image_traces, log_traces
from support.running import Service, project_of

pytestmark = pytest.mark.full


def test_pnpm_with_token(
    company: Surroundings, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pnpm")
    with private_build(company, client, folder, "build", "test", package_manager="pnpm") as built:
        assert module_in(built.service, built.package) == built.package.says
        assert image_traces(built.images, company.token, built.canary) == []
        assert log_traces(built.log, company.token, built.canary) == []
        npmrc = company.npmrc(folder / "without", company.registry, token="")
        nowhere = company.npmrc(folder / "nowhere", f"https://{NAME}:4874")
        errors_lead_to_cures(built.service, company, built.settings, "NPMRC", str(npmrc), str(nowhere))


def test_yarn_with_token(
    company: Surroundings, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """yarn reads no npm configuration: what the user has in ~/.yarnrc.yml comes by YARNRC.

    What was published just now is quarantined by yarn unless it is approved there.
    """
    folder = tmp_path_factory.mktemp("yarn")
    authority = str(company.bundle(folder / "ca.pem", company.password))
    with project_of(folder / "project", client, package_manager="yarn") as service:
        package = company.publish()
        log = ""
        settings = {"NODE_EXTRA_CA_CERTS": authority, "YARNRC": yarnrc(company, folder / "yarnrc.yml", company.token)}
        for arguments in (["add", f"PACKAGE={package.name}"], ["build"], ["lint"], ["sbom"]):
            status, output = make(service.project, *arguments, **settings)
            assert status == 0, output
            log += output
        assert module_in(service, package) == package.says
        assert package.name in service.project.read("sbom.cdx.json")
        assert company.address not in service.project.read("yarn.lock")
        images = [f"{service.project.slug}:{tag}" for tag in ("0.1.0", "dev")]
        assert image_traces(images, company.token, company.password) == []
        assert log_traces(log, company.token, company.password) == []
        without = yarnrc(company, folder / "without.yml", "")
        nowhere = yarnrc(company, folder / "nowhere.yml", company.token, f"https://{NAME}:4874")
        errors_lead_to_cures(service, company, settings, "YARNRC", without, nowhere)
        status, log = make(service.project, "lock", **{**settings, "YARNRC": "/no/such/file"})
        assert status != 0
        assert "YARNRC names no file: /no/such/file" in log


@pytest.mark.parametrize(("manager", "older"), [("pnpm", "12.20.0"), ("yarn", "4.18.0")])
def test_the_version_that_a_bot_writes_is_installed(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, manager: str, older: str
) -> None:
    """In the manifest that it reads; whatever else changes below scripts/image, nothing is installed anew."""
    with project_of(tmp_path_factory.mktemp("bot"), client, package_manager=manager) as service:
        manifest = service.project.path / "scripts/image/package.json"
        [(package, version)] = json.loads(manifest.read_text(encoding="utf-8"))["dependencies"].items()
        assert manager_in_base(service, manager) == version != older
        image = base_of(service)
        (service.project.path / "scripts/image/times.mjs").write_text("// edited\n", encoding="utf-8")
        assert manager_in_base(service, manager) == version
        assert base_of(service) == image
        manifest.write_text(json.dumps({"dependencies": {package: older}}), encoding="utf-8")
        assert manager_in_base(service, manager) == older
        manifest.write_text('{"dependencies": ', encoding="utf-8")
        result = service.project.make("image-base")
        assert result.returncode != 0, "no manifest, no version: not just the newest one"
        assert "/scripts/package.json" in result.stderr + result.stdout


def manager_in_base(service: Service, manager: str) -> str:
    """Build the stage that all installations begin from; return which version of the package manager it has."""
    result = service.project.make("image-base")
    assert result.returncode == 0, result.stdout + result.stderr
    output: bytes = service.client.containers.run(f"{service.project.slug}:base", [manager, "--version"], remove=True)
    return output.decode().strip()


def base_of(service: Service) -> list[str]:
    """Return the layers of that stage."""
    layers: list[str] = service.client.images.get(f"{service.project.slug}:base").attrs["RootFS"]["Layers"]
    return layers


def errors_lead_to_cures(
    service: Service, company: Surroundings, working: dict[str, str], variable: str, without: str, nowhere: str
) -> None:
    """Break one setting at a time; the README's row for what is then seen names the setting.

    `without` is a configuration without token, `nowhere` one with a registry whose name does not resolve.
    """
    own = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    for changed, cure in (
        ({"NODE_EXTRA_CA_CERTS": own}, "`NODE_EXTRA_CA_CERTS="),
        ({variable: without}, f"`{variable}="),
        ({variable: nowhere}, "`HTTPS_PROXY=`, or"),
        ({"HTTPS_PROXY": f"http://{company.address}:9"}, "`HTTPS_PROXY=` an address"),
    ):
        # Another package each time, so that no cache can answer.
        status, log = make(service.project, "add", f"PACKAGE={company.publish().name}", **{**working, **changed})
        assert status != 0
        found = remedies(service, log)
        assert len(found) == 1, (changed, found, log)
        assert found[0].startswith(cure), (found, log)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_yarn_through_the_proxy(
    company: Surroundings, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, variable: str
) -> None:
    """Only the proxy can resolve the registry's name. (Yarn knows no NO_PROXY.)"""
    folder = tmp_path_factory.mktemp("yarn")
    registry = f"https://{NAME}:4874"
    settings = {
        "NODE_EXTRA_CA_CERTS": str(company.bundle(folder / "ca.pem")),
        "YARNRC": yarnrc(company, folder / "yarnrc.yml", company.token, registry),
        variable: company.proxy,
    }
    with project_of(folder / "project", client, package_manager="yarn") as service:
        package = company.publish()
        before = len(company.proxied())
        for arguments in (["add", f"PACKAGE={package.name}"], ["build"]):
            status, log = make(service.project, *arguments, **settings)
            assert status == 0, log
            assert log_traces(log, company.password, company.token) == []
        assert ("CONNECT", f"{NAME}:4874") in {(r["method"], r["target"]) for r in company.proxied()[before:]}
        assert module_in(service, package) == package.says
        assert image_traces([service.tag], company.password, company.address, company.token) == []


def yarnrc(company: Surroundings, file: Path, token: str, registry: str = "") -> str:
    """Write a user's yarn configuration for the scope @team, and return its path."""
    server = registry or company.registry
    scope = {"npmRegistryServer": server, "npmAlwaysAuth": bool(token), "npmAuthToken": token}
    scope = {key: value for key, value in scope.items() if value}
    file.write_text(
        yaml.safe_dump({"npmScopes": {"team": scope}, "httpRetry": 0, "npmPreapprovedPackages": ["@team/*"]})
    )
    return str(file)
