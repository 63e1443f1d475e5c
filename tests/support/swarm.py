"""The Swarm of the tests, which one engine is in: joined by the first test that needs it, left when nothing runs.

An engine that leaves a Swarm forgets the names of all running containers, those of Compose projects too, until they are
restarted (libnetwork's cleanupServiceDiscovery, seen with Docker 26.1.5). So no test leaves it while others run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.errors import APIError, NotFound

from engine.locks import Lock, exclusive
from support.running import wait_until

LABEL = {"node-multi-stage-test": "swarm"}
# Docker makes it for a Swarm; a label of ours says whether it was there before.
BRIDGE = "docker_gwbridge"
LOCK = Path(tempfile.gettempdir()) / "node-multi-stage-test-swarm.lock"
PATIENCE = 3600.0  # seconds until another run gives it back: a roll-out takes minutes, a module several of them


@contextmanager
def joined(client: docker.DockerClient) -> Iterator[None]:
    """Have the engine in the tests' Swarm, on loopback; one test process at a time has it.

    Raises AssertionError if the engine is in a Swarm that is not the tests', EngineError if another run keeps it.
    """
    with exclusive(LOCK, "another test run that has the Swarm", PATIENCE):
        state = client.info()["Swarm"]["LocalNodeState"]
        if state == "inactive":
            found = {BRIDGE: str(bool(client.networks.list(names=[BRIDGE])))}
            client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377", labels={**LABEL, **found})
        else:
            assert is_ours(client), f"this engine is {state} in a Swarm already: these tests have one of their own"
        yield


def is_ours(client: docker.DockerClient) -> bool:
    """Say whether the engine is in the Swarm of the tests."""
    if client.info()["Swarm"]["LocalNodeState"] != "active":
        return False
    client.swarm.reload()
    return bool(LABEL.items() <= client.swarm.attrs["Spec"]["Labels"].items())


def leave(client: docker.DockerClient) -> str:
    """Leave the tests' Swarm if the engine is in it; returns a line for the user if that must not be now."""
    if not is_ours(client):
        return ""
    if client.containers.list():
        return "The engine stays in the tests' Swarm, because leaving would lose the names of containers that run."
    lock = Lock(LOCK)
    try:
        if not lock.try_exclusive():
            return "The engine stays in the tests' Swarm, because another run has it."
        was_there = client.swarm.attrs["Spec"]["Labels"][BRIDGE] == str(True)
        client.swarm.leave(force=True)
        # The engine lets go of the last sandbox a moment later.
        assert was_there or wait_until(lambda: _removed(client, BRIDGE), 20)
    finally:
        lock.close()
    return ""


def _removed(client: docker.DockerClient, network: str) -> bool:
    try:
        client.networks.get(network).remove()
    except NotFound:
        return True
    except APIError:
        return False
    return True
