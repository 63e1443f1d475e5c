"""A project with a database, running: notes are written and read over HTTP, the database is asked by psql."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from support.running import Response, Service, project_of, request, wait_until

JSON = {"content-type": "application/json"}
# How soon readiness has to follow the database, in seconds.
FOLLOWS = 2.0
SLEEPER = "debian:trixie-slim"
VOLUMES = ("data", "dev-data", "database", "dev-database")


@contextmanager
def project_with(folder: Path, client: docker.DockerClient, **answers: str) -> Iterator[Service]:
    """Bake a project; at the end its volumes go too, which `make clean` keeps."""
    with project_of(folder, client, **answers) as service:
        try:
            yield service
        finally:
            assert service.project.make("stop").returncode == 0
            for name in VOLUMES:
                with suppress(NotFound):
                    client.volumes.get(f"{service.project.slug}_{name}").remove(force=True)


@contextmanager
def with_a_small_disk(service: Service, volume: str, megabytes: int) -> Iterator[None]:
    """Have the service run with a volume of so many MB; another container holds it, because it is in memory."""
    name, label = f"{service.project.slug}_{volume}", "com.docker.compose"
    service.client.volumes.create(
        name,
        driver_opts={"type": "tmpfs", "device": "tmpfs", "o": f"size={megabytes}m,mode=1777"},
        labels={f"{label}.project": service.project.slug, f"{label}.volume": volume},
    )
    holder = service.client.containers.run(SLEEPER, ["sleep", "900"], volumes=[f"{name}:/held"], detach=True)
    try:
        service.run()
        yield
    finally:
        holder.remove(force=True)


def fill_up(service: Service) -> list[str]:
    """Write notes until one is refused, which must be a 503; return the texts of those that were taken."""
    kept: list[str] = []
    for number in range(3000):
        text = f"{number} " + "x" * 900
        answer = write(service, text)
        if answer.status != 201:
            assert answer.status == 503, service.logs()[-3:]
            assert_unavailable(answer)
            return kept
        kept.append(text)
    raise AssertionError("3,000 notes were taken: the disk was never full")


def write(service: Service, text: str, seconds: float = 30, key: str = "") -> Response:
    """Create a note."""
    headers = {**JSON, **({"idempotency-key": key} if key else {})}
    return request(service.port, "/notes", "POST", json.dumps({"text": text}), headers, seconds)


def texts(service: Service) -> list[str]:
    """Return the text of every note, page by page."""
    found: list[str] = []
    path = "/notes?limit=100"
    while path:
        page = service.get(path, seconds=30)
        assert page.status == 200, page
        content = json.loads(page.body)
        found += [note["text"] for note in content["notes"]]
        path = f"/notes?limit=100&before={content['next']}" if content["next"] else ""
    return found


def copies(service: Service) -> list[Path]:
    """Return the files that `make backup` has written, the oldest first."""
    return sorted((service.project.path / "backup").glob("*.db"))


def status(service: Service, path: str = "/readyz") -> int:
    """Return the status of an answer, 0 where there is none."""
    try:
        return service.get(path).status
    except (OSError, http.client.HTTPException):
        return 0


def assert_unavailable(answer: Response) -> None:
    """A 503 as a problem, which says no more than that the database is at fault."""
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json"), answer
    assert json.loads(answer.body)["detail"] == "the database is unavailable"


def assert_follows(service: Service, wanted: int, seconds: float = FOLLOWS) -> float:
    """Wait until /readyz has this status, which must be within `seconds`; return how long it took."""
    start = time.monotonic()
    assert wait_until(lambda: status(service) == wanted, seconds), f"not {wanted} within {seconds} s"
    return time.monotonic() - start


def events(service: Service) -> list[dict[str, object]]:
    """Return the lines of the log that are JSON; what ends the start is a line of text."""
    lines = service.logs()
    return [json.loads(line) for line in lines if line.startswith("{")]


def database_of(service: Service) -> Container:
    """Return the container with Postgres, with fresh attributes."""
    return service.client.containers.get(f"{service.project.slug}_database")


def psql(service: Service, sql: str) -> str:
    """Run SQL as the database's superuser; return what psql prints, without frames."""
    command = ["psql", "--username=app", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", f"--command={sql}"]
    result = database_of(service).exec_run(command)
    assert result.exit_code == 0, result.output
    assert isinstance(result.output, bytes)
    return result.output.decode().strip()


def accepts(service: Service) -> bool:
    """Whether Postgres accepts connections over TCP."""
    container = database_of(service)
    if container.status != "running":
        return False
    return bool(container.exec_run(["pg_isready", "--quiet", "--host=127.0.0.1"]).exit_code == 0)


@contextmanager
def held(service: Service, *statements: str) -> Iterator[None]:
    """Have statements in an open transaction of another connection for as long as this lasts."""
    command = ["docker", "exec", "--interactive", f"{service.project.slug}_database", "psql", "--username=app"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        print(*("BEGIN;", *statements, "\\echo held"), sep="\n", file=process.stdin, flush=True)
        assert "held\n" in iter(process.stdout.readline, ""), "no connection"
        try:
            yield
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait(10)


class Writer(threading.Thread):
    """Writes one note after the other, each with a text of its own, and notes which were answered 201."""

    def __init__(self, service: Service, name: str) -> None:
        super().__init__()
        self.service = service
        self.prefix = name
        self.acknowledged: list[str] = []
        self.refused = 0
        self.unexpected: list[Response] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        """Write until `stopping`; what is refused or cut is not counted as kept, other answers are `unexpected`."""
        number = 0
        while not self.stopping.is_set():
            number += 1
            text = f"{self.prefix}-{number}"
            try:
                answer = write(self.service, text, seconds=10)
            except (OSError, http.client.HTTPException):
                self.refused += 1
                time.sleep(0.02)
                continue
            if answer.status == 201:
                self.acknowledged.append(text)
            elif answer.status == 503:
                self.refused += 1
            else:
                self.unexpected.append(answer)


@contextmanager
def writing(service: Service, name: str, number: int = 4) -> Iterator[list[Writer]]:
    """Have several writers at work for as long as this lasts."""
    writers = [Writer(service, f"{name}-{index}") for index in range(number)]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(30)
    assert not any(writer.is_alive() for writer in writers)
    # An error of this thread would not fail the test.
    assert [answer for writer in writers for answer in writer.unexpected] == []
