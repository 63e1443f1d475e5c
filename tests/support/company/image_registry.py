"""An empty image registry in a container: Debian's docker-registry, without TLS."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
from docker.models.containers import Container

from support.company.surroundings import IMAGE, SERVICES, archive
from support.machines import build_image

PORT = 5000
SETTINGS = b"""\
version: 0.1
storage: {filesystem: {rootdirectory: /services/images}}
http: {addr: ":5000"}
"""


@contextmanager
def image_registry(client: docker.DockerClient, **options: Any) -> Iterator[Container]:
    """Start it, with options of the container such as its ports; remove it at the end."""
    build_image(IMAGE, SERVICES)
    container = client.containers.create(IMAGE, ["docker-registry", "serve", "/services/images.yml"], **options)
    try:
        container.put_archive("/services", archive({"images.yml": SETTINGS}))
        container.start()
        container.reload()
        yield container
    finally:
        remove(container)


def remove(container: Container) -> None:
    """End a container and its volumes by the CLI, which waits as long as a busy machine takes."""
    subprocess.run(["docker", "rm", "--force", "--volumes", str(container.id)], check=True, capture_output=True)
