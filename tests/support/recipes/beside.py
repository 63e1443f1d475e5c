"""What stands beside a service in its compose.yaml, such as a database: it is there, away or hanging."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from docker.errors import NotFound
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
    try:
        service.run()
        yield service
    finally:
        assert service.project.make("stop").returncode == 0
        with suppress(NotFound):  # `make run` failed before it made one
            service.client.volumes.get(f"{service.project.slug}_{volume}").remove()


def becomes(service: Service, name: str, health: str, seconds: float) -> bool:
    """Whether a container has this health, such as `healthy`, within `seconds`."""
    return wait_until(lambda: container_of(service, name).attrs["State"]["Health"]["Status"] == health, seconds)


STATES = ("there", "away", "hanging")


def wait_for_a_check(container: Container) -> None:
    """Wait for the end of a health check: one that begins in a pause hangs, and with it the engine's every answer.

    A container without a health check has none to wait for.
    """

    def ended() -> str:
        container.reload()
        checks = container.attrs["State"]["Health"]["Log"] or [{}]
        return str(checks[-1].get("End"))

    container.reload()
    if container.health not in ("none", "unknown"):
        before = ended()
        assert wait_until(lambda: ended() != before, 30), f"no health check of {container.name} ended in 30 s"


@contextmanager
def in_state(container: Container, state: str) -> Iterator[None]:
    """Have a server stopped (`away`) or paused (`hanging`) for as long as this lasts, or as it is (`there`)."""
    if state == "away":
        container.stop()
    if state == "hanging":
        wait_for_a_check(container)
        container.pause()
    try:
        yield
    finally:
        if state == "hanging":
            container.unpause()
        container.start()


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


def assert_refused_in_time(answered: tuple[Response, float], limit: float) -> None:
    """An answer, with its seconds, is a 500 within a limit that says nothing about the reason."""
    answer, seconds = answered
    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "detail" not in json.loads(answer.body)
    assert seconds < limit


def assert_rest_serves(service: Service, limit: float) -> None:
    """Without what it depends on, a service says within a limit that it is not ready; the rest goes on."""
    ready, seconds = timed(service, "/readyz")
    assert ready.status == 503
    assert seconds < limit
    assert service.get("/livez").status == 200
    assert service.get("/").status == 200


def assert_stops_in_order(service: Service, name: str, state: str, seconds: float) -> None:
    """A stop while a server is in this state exits with 0; then both run again, the server healthy within `seconds`."""
    container = service.container
    with in_state(container_of(service, name), state):
        container.stop(timeout=9)
        assert service.container.attrs["State"]["ExitCode"] == 0
    # `make run` would say that it was unhealthy.
    assert becomes(service, name, "healthy", seconds)
    service.run()
