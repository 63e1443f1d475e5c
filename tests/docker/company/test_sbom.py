"""`make sbom`: a valid CycloneDX file that names exactly the production packages of the lockfile."""

from __future__ import annotations

import json

import docker
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from support.lockfiles import production_packages
from support.running import project_of

full = pytest.mark.full


@pytest.mark.parametrize(
    ("manager", "framework"),
    [
        ("npm", "express"),
        pytest.param("pnpm", "express", marks=full),
        pytest.param("yarn", "express", marks=full),
        pytest.param("npm", "http", marks=full),
        pytest.param("pnpm", "http", marks=full),
        pytest.param("yarn", "http", marks=full),
        pytest.param("npm", "fastify", marks=full),
        pytest.param("pnpm", "fastify", marks=full),
        pytest.param("yarn", "fastify", marks=full),
    ],
)
def test_bill_names_the_lockfiles_production_packages(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, manager: str, framework: str
) -> None:
    folder = tmp_path_factory.mktemp("sbom")
    with project_of(folder, client, package_manager=manager, framework=framework) as service:
        result = service.project.make("sbom")
        assert result.returncode == 0, result.stderr
        text = service.project.read("sbom.cdx.json")
        slug, expected = service.project.slug, production_packages(service.project)
    bill = json.loads(text)
    version = SchemaVersion.from_version(bill["specVersion"])
    assert JsonStrictValidator(version).validate_str(text) is None
    components = {("/".join(filter(None, (c.get("group"), c["name"]))), c["version"]) for c in bill["components"]}
    assert components == expected
    assert bill["metadata"]["component"]["purl"] == f"pkg:npm/{slug}@0.1.0"
