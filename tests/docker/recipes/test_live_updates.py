"""Live updates: what is changed by one replica is heard from every other, whatever becomes of the database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker.models.containers import Container

from support import browser
from support.company.surroundings import archive, loopback, published
from support.machines import build_image
from support.recipes.beside import container_of, in_state, running
from support.recipes.streams import Stream
from support.running import Response, Service, is_ready, request, wait_until

JSON = {"content-type": "application/json"}
CHANGED = "data: notes"
# Seconds within which a change is heard; machines of tests are busy.
SOON = 3.0
# Within which a server that has come back is found: a connection that fails takes up to four.
FOUND = 30.0
PAGE = 20  # notes of an answer
SCRIPTS = Path(browser.__file__).parents[1] / "recipes"


@dataclass(frozen=True)
class Replica:
    """One of the containers that serve the same database."""

    container: Container
    port: int

    def add(self, text: str) -> str:
        """Add a note; return its path."""
        answer = self.ask("/notes", "POST", {"text": text})
        assert answer.status == 201, answer
        return answer.headers["location"]

    def ask(self, path: str, method: str = "GET", body: object = None) -> Response:
        """Send one request, with JSON if there is a body."""
        return request(self.port, path, method, json.dumps(body) if body else None, JSON if body else None)


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service with its database."""
    with running(recipe, "database") as service:
        yield service


@pytest.fixture
def first(service: Service) -> Replica:
    """The replica that `make run` has started."""
    return Replica(service.container, service.port)


@pytest.fixture(scope="module")
def second(service: Service) -> Iterator[Replica]:
    """Another one, with the same settings."""
    own = service.container.attrs
    port = f"{service.project.answers['port']}/tcp"
    container = service.client.containers.create(
        service.tag,
        environment=own["Config"]["Env"],
        network=f"{service.project.slug}_default",
        ports=loopback(port),
        init=True,
    )
    try:
        container.start()
        container.reload()
        replica = Replica(container, published(container)[port])
        assert wait_until(lambda: is_ready(replica.port), 30), container.logs().decode()
        yield replica
    finally:
        container.remove(force=True, v=True)


Listen = Callable[[Replica], Stream]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Open streams, which are left at the end of the test."""
    with ExitStack() as stack:

        def opened(replica: Replica) -> Stream:
            stream = stack.enter_context(closing(Stream(replica.port)))
            assert stream.response.status == 200
            assert stream.event() == "retry: 1000"
            return stream

        yield opened


def hears(stream: Stream, seconds: float = SOON) -> bool:
    """Whether a change is told within so many seconds; comments are passed over."""
    deadline = time.monotonic() + seconds
    event = stream.event()
    while event != CHANGED and time.monotonic() < deadline:
        assert event == ": alive", event
        event = stream.event()
    return event == CHANGED and time.monotonic() < deadline


def sql(service: Service, statement: str) -> None:
    """Run a statement in the database's container."""
    command = ["psql", "--username=app", f"--command={statement}"]
    result = container_of(service, "database").exec_run(command)
    assert result.exit_code == 0, result.output


def is_healthy(container: Container) -> bool:
    """Whether the last health check of a container succeeded."""
    container.reload()
    status: str = container.attrs["State"]["Health"]["Status"]
    return status == "healthy"


def starts(replica: Replica) -> str:
    """Return when a replica's container has started."""
    replica.container.reload()
    started: str = replica.container.attrs["State"]["StartedAt"]
    return started


def test_a_change_is_heard_from_every_replica(
    service: Service, first: Replica, second: Replica, listen: Listen
) -> None:
    streams = [listen(first), listen(second)]
    path = second.add("from the second")
    assert all(hears(stream) for stream in streams)
    assert json.loads(first.ask("/notes").body)["notes"][0]["text"] == "from the second"
    assert first.ask(path, "DELETE").status == 204
    assert all(hears(stream) for stream in streams)
    sql(service, "INSERT INTO notes (text) VALUES ('by SQL')")
    assert all(hears(stream) for stream in streams)


def test_the_route_answers_other_methods_as_any_other(first: Replica) -> None:
    head = first.ask("/events", "HEAD")
    assert (head.status, head.headers["content-type"]) == (200, "text/event-stream")
    wrong = first.ask("/events", "PUT")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_connection_that_is_cut_is_opened_anew(
    service: Service, first: Replica, second: Replica, listen: Listen
) -> None:
    """All connections of both; the streams stay open, and are told that something may be lost."""
    streams = [listen(first), listen(second)]
    before = [starts(first), starts(second)]
    sql(
        service,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'app'",
    )
    assert all(hears(stream, FOUND) for stream in streams)
    second.add("after the cut")
    assert all(hears(stream) for stream in streams)
    assert [starts(first), starts(second)] == before


@pytest.mark.parametrize("state", ["away", "hanging"])
def test_without_the_database_the_service_goes_on_and_changes_are_heard_again(
    service: Service, first: Replica, second: Replica, listen: Listen, state: str
) -> None:
    streams = [listen(first), listen(second)]
    before = [starts(first), starts(second)]
    with in_state(container_of(service, "database"), state):
        assert wait_until(lambda: not is_ready(first.port), 10)
        # Longer than a server may be silent.
        time.sleep(8)
        assert first.ask("/livez").status == 200
    assert all(hears(stream, FOUND) for stream in streams)
    assert wait_until(lambda: is_ready(first.port) and is_ready(second.port), FOUND)
    first.add(f"after it was {state}")
    assert all(hears(stream) for stream in streams)
    assert [starts(first), starts(second)] == before
    assert any(json.loads(line)["msg"] == "no notifications" for line in service.logs() if line.startswith("{"))


def test_a_roll_out_ends_the_streams_in_order_and_its_successor_is_heard(
    service: Service, first: Replica, second: Replica, listen: Listen
) -> None:
    leaving, staying = listen(first), listen(second)
    start = time.monotonic()
    first.container.stop(timeout=10)
    assert time.monotonic() - start < 5
    assert leaving.rest().endswith("event: end\ndata:\n\n")
    first.container.reload()
    assert first.container.attrs["State"]["ExitCode"] == 0
    assert json.loads(first.container.logs().decode().splitlines()[-1])["msg"] == "stopped"
    second.add("during the roll-out")
    assert hears(staying)
    # The engine calls a container that was paused unhealthy until its next check.
    assert wait_until(lambda: is_healthy(container_of(service, "database")), 30)
    service.run()
    coming = listen(Replica(service.container, service.port))
    second.add("after the roll-out")
    assert hears(coming)
    assert hears(staying)


@contextmanager
def browsing(service: Service, script: str) -> Iterator[Container]:
    """A browser with the page of the first replica, which does what a script says; it does not run yet."""
    image = build_image(browser.IMAGE, Path(browser.__file__).parent)
    container: Container = service.client.containers.create(
        image,
        [browser.origin(service)],
        entrypoint=["node", script],
        network=f"{service.project.slug}_default",
        init=True,
    )
    container.put_archive("/browser", archive({script: (SCRIPTS / script).read_bytes()}))
    yield container
    container.remove(force=True, v=True)


@pytest.fixture
def visitor(service: Service) -> Iterator[Container]:
    """A browser whose person writes."""
    with browsing(service, "live.mjs") as container:
        yield container


@pytest.fixture
def late_visitor(service: Service) -> Iterator[Container]:
    """A browser that gets some answers late."""
    with browsing(service, "late.mjs") as container:
        yield container


def said(container: Container, number: int, seconds: float = 60) -> object:
    """Wait for what the browser says at a step, and return it."""

    def lines() -> list[str]:
        return container.logs(stderr=False).decode().splitlines()

    assert wait_until(lambda: len(lines()) >= number or not is_running(container), seconds), container.logs().decode()
    assert len(lines()) >= number, container.logs().decode()
    found: object = json.loads(lines()[number - 1])
    return found


def is_running(container: Container) -> bool:
    """Whether it has not ended."""
    container.reload()
    return bool(container.status == "running")


def test_an_open_page_shows_it_and_disturbs_nobody(service: Service, second: Replica, visitor: Container) -> None:
    """Its own replica is restarted, too: a note that came meanwhile is shown."""
    second.add("first")
    visitor.start()
    assert said(visitor, 1) == "open"
    path = second.add("by another replica")
    assert said(visitor, 2) == {"focused": "Delete first", "typed": "half a sentence"}
    assert second.ask(path, "DELETE").status == 204
    assert said(visitor, 3) == "gone"
    service.container.stop(timeout=10)
    second.add("while it was away")
    service.run()
    seen = said(visitor, 4, 240)
    assert isinstance(seen, dict)
    assert (seen["errors"], seen["violations"]) == ([], [])


def shown_first(replica: Replica) -> list[str]:
    """Return the ids that a page's items have, of all notes, the newest first."""
    return [f"note-{note['id']}" for note in json.loads(replica.ask("/notes?limit=100").body)["notes"]]


def test_answers_that_come_late_leave_the_page_as_the_notes_are(second: Replica, late_visitor: Container) -> None:
    """Of two changes within one question the page shows both, and older notes follow those that are shown."""
    second.add("oldest")
    late_visitor.start()
    assert said(late_visitor, 1) == "ready"
    second.add("first change")
    assert said(late_visitor, 2) == "held"
    second.add("second change")
    seen = said(late_visitor, 3)
    assert isinstance(seen, list)
    assert seen == shown_first(second)[: len(seen)]
    for number in range(25):
        second.add(f"one of many {number}")
    assert [said(late_visitor, number) for number in (4, 5)] == ["ready", "held"]
    for number in range(3):
        second.add(f"before the last {number}")
    # The page asks once for what comes next: another answer would put right what the late one had done.
    time.sleep(1)
    second.add("during a question")
    seen = said(late_visitor, 6)
    assert isinstance(seen, list)
    assert len(seen) > PAGE
    assert seen == shown_first(second)[: len(seen)]
