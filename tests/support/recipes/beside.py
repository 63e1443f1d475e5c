"""What stands beside a service in its compose.yaml: its containers, and a service that runs with all of them."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager

from docker.models.containers import Container

from support.running import Response, Service, wait_until


def container_of(service: Service, name: str) -> Container:
    """Return the container of another service of compose.yaml, with fresh attributes."""
    labels = [f"com.docker.compose.project={service.project.slug}", f"com.docker.compose.service={name}"]
    [container] = service.client.containers.list(all=True, filters={"label": labels})
    return container


@contextmanager
def running(service: Service, volume: str) -> Iterator[Service]:
    """Have it run with all that compose.yaml names; a volume, which `make clean` would keep, goes too."""
    service.run()
    yield service
    assert service.project.make("stop").returncode == 0
    service.client.volumes.get(f"{service.project.slug}_{volume}").remove()


def becomes(service: Service, name: str, health: str, seconds: float) -> bool:
    """Whether a container's health check says so within `seconds`."""
    return wait_until(lambda: container_of(service, name).attrs["State"]["Health"]["Status"] == health, seconds)


def is_alive(service: Service) -> bool:
    """Whether the service listens."""
    try:
        return service.get("/livez").status == 200
    except (OSError, http.client.HTTPException):
        return False


def timed(service: Service, path: str, method: str = "GET", **options: object) -> tuple[Response, float]:
    """Ask, and say how many seconds the answer took."""
    start = time.monotonic()
    return service.get(path, method, **options), time.monotonic() - start
