"""What BuildKit attests about a build, in an engine whose image store keeps it: no secret is in there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from support.baking import bake
from support.company.builds import depend_on
from support.company.containerd_engine import containerd_engine
from support.company.surroundings import NAME, Surroundings
from support.machines import execute
from support.running import unique_slug

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def engine(client: docker.DockerClient) -> Iterator[Container]:
    """A second Docker in a privileged container, with the base image."""
    with containerd_engine(client) as container:
        yield container


def test_no_secret_in_the_provenance(company: Surroundings, engine: Container, tmp_path: Path) -> None:
    """The image is saved whole, with its attestation (SLSA provenance, mode `min` by default)."""
    project = bake(tmp_path, project_slug=unique_slug())
    depend_on(project, company.publish())
    company.bundle(project.path / "ca.pem", company.password)
    company.npmrc(project.path / "npmrc", f"https://{NAME}:4874")
    (project.path / ".dockerignore").write_text(f"{project.read('.dockerignore')}\nca.pem\nnpmrc\n")
    subprocess.run(["docker", "cp", project.path, f"{engine.id}:/project"], check=True, capture_output=True)
    taken = {
        "NODE_EXTRA_CA_CERTS": "/project/ca.pem",
        "NPMRC": "/project/npmrc",
        "HTTPS_PROXY": company.proxy,
        "NO_PROXY": "localhost",
    }
    execute(engine, "make build 2>&1", "/project", **taken)
    secrets = (company.token, company.password, company.authority.splitlines()[2])
    tag = f"{project.slug}:0.1.0"
    assert found(engine, tag, "slsa.dev/provenance"), "no provenance was written"
    assert [found(engine, tag, secret) for secret in secrets] == [0, 0, 0]
    # The search finds what is there: mode `max` records build arguments, and so the proxy's login.
    arguments = "--build-arg HTTPS_PROXY --secret id=extra_ca,src=ca.pem --secret id=npmrc,src=npmrc"
    execute(engine, f"docker build --provenance mode=max --tag max {arguments} . 2>&1", "/project", **taken)
    assert [found(engine, "max", secret) for secret in secrets] == [0, 1, 0]


def found(engine: Container, tag: str, text: str) -> int:
    """Return how many lines of a saved image, its records included, hold a text."""
    return int(execute(engine, f"docker save {tag} | grep -acF '{text}' || test $? = 1"))
