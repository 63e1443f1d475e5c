"""Images, a registry and a Swarm for the orchestrator tests; what they make, they remove."""

from __future__ import annotations

import fcntl
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from docker.errors import APIError, NotFound

from support.baking import PROJECT, ROOT
from support.company.surroundings import loopback, published
from support.machines import build_image
from support.running import request, wait_until
from support.stand_in import stand_in

HERE = ROOT / "tests/support/orchestrate"
TOOLS = "node-multi-stage-test-orchestration-tools"
[STACK] = (ROOT / PROJECT / "deploy").glob("*stack.yaml*")
[BALANCER] = re.findall(r"image: (haproxy:\S+)", STACK.read_text(encoding="utf-8"))
BRIDGE = "docker_gwbridge"


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
    with (Path(tempfile.gettempdir()) / "node-multi-stage-test-swarm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = client.info()["Swarm"]["LocalNodeState"]
        assert state == "inactive", f"this engine is {state} in a Swarm already: these tests start one of their own"
        had_bridge = bool(client.networks.list(names=[BRIDGE]))
        client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
        try:
            yield
        finally:
            client.swarm.leave(force=True)
            if not had_bridge:
                # The engine lets go of the last sandbox a moment later.
                assert wait_until(lambda: _removed(client, BRIDGE), 20)


def _removed(client: docker.DockerClient, network: str) -> bool:
    try:
        client.networks.get(network).remove()
    except NotFound:
        return True
    except APIError:
        return False
    return True
