"""Images, a registry and a Swarm for the orchestrator tests; what they make, they remove."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import docker
import pytest

from support.baking import PROJECT, ROOT
from support.company.surroundings import loopback, published
from support.machines import build_image
from support.running import request, wait_until
from support.stand_in import stand_in
from support.swarm import joined

HERE = ROOT / "tests/support/orchestrate"
TOOLS = "node-multi-stage-test-orchestration-tools"
[STACK] = (ROOT / PROJECT / "deploy").glob("*stack.yaml*")
[BALANCER] = re.findall(r"image: (haproxy:\S+)", STACK.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tools() -> str:
    """The image with kustomize, kubectl, wrk and docker-registry."""
    return build_image(TOOLS, HERE / "tools")


@pytest.fixture(scope="module")
def balancer(client: docker.DockerClient, swarm: None) -> Iterator[str]:  # noqa: ARG001 (inside its lock)
    """The balancer's image: the official one where the engine has it, else a stand-in under its name."""
    with stand_in(client, BALANCER, HERE / "haproxy"):
        yield BALANCER


@pytest.fixture(scope="module")
def registry(client: docker.DockerClient, tools: str) -> Iterator[str]:
    """An image registry on loopback; its address, which Docker trusts without TLS."""
    command = ["docker-registry", "serve", "/registry.yml"]
    container = client.containers.run(tools, command, detach=True, ports=loopback("5000/tcp"))
    try:
        container.reload()
        port = published(container)["5000/tcp"]

        def is_answering() -> bool:
            with suppress(OSError):
                return request(port, "/v2/").status == 200
            return False

        assert wait_until(is_answering, 20), container.logs().decode()
        yield f"127.0.0.1:{port}"
    finally:
        container.remove(force=True, v=True)


@pytest.fixture(scope="module")
def swarm(client: docker.DockerClient) -> Iterator[None]:
    """A Swarm of this one engine, on loopback; one test process at a time has it."""
    with joined(client):
        yield
