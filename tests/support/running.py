"""Generated projects built and run by the real engine: what the image and runtime tests talk to."""

from __future__ import annotations

import http.client
import io
import itertools
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.models.containers import Container
from docker.models.images import Image

from loopback import free_port
from support.baking import BakedProject, bake

# What the engine itself puts into every container.
ENGINES_OWN = re.compile(r"\.dockerenv|(dev|proc|sys)(/.*)?|etc/(hostname|hosts|resolv\.conf|mtab)")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# pytest's record_property: what a test measured, for the page of its part (tools/parts.py).
Record = Callable[[str, object], None]
_numbers = itertools.count()


def unique_slug() -> str:
    """Return a project name that no other worker, run or test uses at the same time."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw")
    return f"t{os.getpid()}-{worker}-{next(_numbers)}"


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask until the condition holds; False if it never did within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@dataclass(frozen=True)
class Response:
    """An HTTP response: status, headers with lower-case names, body as text."""

    status: int
    headers: dict[str, str]
    body: str


def request(
    port: int,
    path: str = "/",
    method: str = "GET",
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
    seconds: float = 10,
) -> Response:
    """Ask 127.0.0.1:port over a connection of its own, where nothing may be silent for longer than `seconds`.

    Raises OSError or HTTPException as the socket does.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        text = response.read().decode()
        return Response(response.status, {k.lower(): v for k, v in response.getheaders()}, text)
    finally:
        connection.close()


@dataclass
class Service:
    """A project whose production container is (or can be) running, published on `port` of 127.0.0.1."""

    project: BakedProject
    port: int
    client: docker.DockerClient = field(repr=False)

    @property
    def tag(self) -> str:
        """The production image's name and tag."""
        return f"{self.project.slug}:0.1.0"

    @property
    def container(self) -> Container:
        """The container that `make run` started, with fresh attributes; raises NotFound if it is gone."""
        return self.client.containers.get(self.project.slug)

    @property
    def image(self) -> Image:
        """The production image."""
        return self.client.images.get(self.tag)

    def run(self, **variables: str) -> None:
        """Do `make run` on this service's port; fails the test with make's output if that fails."""
        result = self.project.make("run", **{"PORT": str(self.port), **variables})
        assert result.returncode == 0, result.stdout + result.stderr
        assert f"http://127.0.0.1:{self.port}" in result.stdout

    def get(self, path: str = "/", method: str = "GET", **options: object) -> Response:
        """Ask the service; the options are those of `request`."""
        return request(self.port, path, method, **options)  # type: ignore[arg-type]

    def logs(self) -> list[str]:
        """Return the container's stdout and stderr lines."""
        return self.container.logs().decode().splitlines()


@contextmanager
def project_of(folder: Path, client: docker.DockerClient, slug: str = "", **answers: str) -> Iterator[Service]:
    """Bake a project under a name of its own; at the end `make clean` must leave nothing of it."""
    project = bake(folder, answers, project_slug=slug or unique_slug())
    try:
        yield Service(project, free_port(), client)
    finally:
        result = project.make("clean")
        assert result.returncode == 0, result.stdout + result.stderr
        left = leftovers(client, project.slug)
        assert left == [], left


def leftovers(client: docker.DockerClient, slug: str) -> list[str]:
    """Return the names of containers, networks, volumes and images that carry a project's name."""
    # By the engine's own lists: containers.list() and images.list() ask for each one again, which may be
    # gone by then, or hold the answer back for a minute while its own test has it under load.
    names = [name.removeprefix("/") for found in client.api.containers(all=True) for name in found["Names"]]
    names += [n.name or "" for n in client.networks.list()]
    names += [v.name for v in client.volumes.list()]
    names += [tag for image in client.api.images() for tag in image["RepoTags"] or []]
    return [name for name in names if slug in name]


def files_of(client: docker.DockerClient, image: str) -> dict[str, tarfile.TarInfo]:
    """Return every path of an image's root file system, without a leading slash, as the engine exports it."""
    container = client.containers.create(image, command=["none"])
    try:
        chunks: Iterator[bytes] = container.export()  # type: ignore[assignment]
        data = io.BytesIO(b"".join(chunks))
    finally:
        container.remove(force=True)
    with tarfile.open(fileobj=data) as archive:
        return {member.name.removeprefix("./"): member for member in archive.getmembers()}


def is_ready(port: int, path: str = "/readyz") -> bool:
    """Whether a service behind this port is ready."""
    try:
        return request(port, path).status == 200
    except (OSError, http.client.HTTPException):
        return False


TARGETS = (
    *("help", "doctor", "build", "run", "logs", "stop", "size", "push"),
    *("dev", "test", "lint", "format", "shell", "clean"),
    *("add", "remove", "lock", "pin", "sbom", "scan"),
)
