"""A server of a test's own beside the service that it tries: a program for Node in a container, controlled by HTTP."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import docker
from docker.models.containers import Container

from support.company.surroundings import archive, loopback, published
from support.running import Response, Service, request, wait_until

CONTROL = "8081/tcp"
FOLDER = "/tmp"  # noqa: S108 (in the container)
Server = TypeVar("Server", bound="ServerBeside")


@dataclass(frozen=True)
class ServerBeside:
    """The running container."""

    container: Container

    def control(self, path: str = "/", method: str = "POST", body: str = "") -> Response:
        """Ask the port on which the program takes a test's orders."""
        return request(published(self.container)[CONTROL], path, method, body)

    def join(self, service: Service, name: str) -> None:
        """Be found under this name by a service that runs."""
        service.client.networks.get(f"{service.project.slug}_default").connect(self.container, aliases=[name])

    def is_up(self) -> bool:
        """Whether it listens; fails if it has ended."""
        self.container.reload()
        assert self.container.status == "running", self.container.logs().decode()
        try:
            return self.control("/up", "GET").status > 0
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def server_beside(
    kind: type[Server], client: docker.DockerClient, image: str, program: Path, command: Sequence[str] = ()
) -> Iterator[Server]:
    """Run a program (by `node`, or by a command in its folder) in an image that has Node; removed at the end."""
    start = list(command or ("node", program.name))
    container = client.containers.create(image, start, ports=loopback(CONTROL), init=True, working_dir=FOLDER)
    try:
        container.put_archive(FOLDER, archive({program.name: program.read_bytes()}))
        container.start()
        running = kind(container)
        assert wait_until(running.is_up, 30), container.logs().decode()
        yield running
    finally:
        container.remove(force=True, v=True)
