"""A second Docker, whose image store keeps the attestations of a build, and a registry at its 127.0.0.1:5000."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.models.containers import Container

from support.company.image_registry import PORT, image_registry, remove
from support.company.surroundings import SERVICES
from support.machines import build_image, load_image
from support.running import wait_until

ENGINE = "node-multi-stage-test-containerd"
FOLDER = SERVICES.with_name("containerd")
BASE = "node:26-trixie"
REGISTRY = f"127.0.0.1:{PORT}"


@contextmanager
def containerd_engine(client: docker.DockerClient) -> Iterator[Container]:
    """Start the engine in a privileged container, with the base image; remove it at the end."""
    build_image(ENGINE, FOLDER)
    container = client.containers.run(ENGINE, privileged=True, detach=True)
    try:
        assert wait_until(lambda: container.exec_run(["docker", "info"]).exit_code == 0, 60), container.logs().decode()
        load_image(container, "docker", BASE)
        yield container
    finally:
        remove(container)


@contextmanager
def registry_beside(client: docker.DockerClient, engine: Container) -> Iterator[None]:
    """Serve an empty image registry in the engine's own network, where it needs no TLS."""
    with image_registry(client, network_mode=f"container:{engine.id}") as registry:
        ask = ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{PORT}"]
        assert wait_until(lambda: engine.exec_run(ask).exit_code == 0, 30), registry.logs().decode()
        yield
