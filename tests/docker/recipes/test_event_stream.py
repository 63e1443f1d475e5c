"""Event streams: who listens hears all, who does not read is cut, and at a stop every stream ends in order."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from support.recipes.streams import Stream
from support.running import Service, wait_until
from support.runtime.raw import Connection, message

EVENT = 2**24  # bytes of one event: two are more than kernels and the engine keep for one that does not read
# What an owner would write where something happens: here, when the process gets a signal. The last one fills a stream
# that nobody reads, by less than a megabyte, and goes on with short events until the process ends.
PUBLISHER = """
import { ServerResponse } from 'node:http';
import { publish } from './events.LANGUAGE';
process.on('SIGUSR2', () => publish(`data: ${'x'.repeat(BYTES)}\\n\\n`));
process.on('SIGHUP', () => publish('data: short\\n\\n'));
let behind = 0;
const { write } = ServerResponse.prototype;
ServerResponse.prototype.write = function (...given) {
  const goesOn = Reflect.apply(write, this, given);
  behind = Math.max(behind, this.writableLength);
  return goesOn;
};
process.on('SIGWINCH', () => {
  const filling = setInterval(() => {
    behind = 0;
    publish(`data: ${'x'.repeat(2 ** 16)}\\n\\n`);
    if (behind < 2 ** 18) return;
    clearInterval(filling);
    setInterval(publish, 20, 'data: short\\n\\n').unref();
    console.log('behind');
  }, 20);
});
"""


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service, which publishes events when its process gets signals."""
    language = recipe.project.answers["language"]
    end = {"typescript": "ts", "javascript": "js"}[language]
    server = recipe.project.path / "src" / f"server.{end}"
    publisher = PUBLISHER.replace("LANGUAGE", end).replace("BYTES", str(EVENT))
    server.write_text(server.read_text(encoding="utf-8") + publisher, encoding="utf-8")
    recipe.run()
    return recipe


@pytest.fixture
def listen(service: Service) -> Iterator[Callable[[], Stream]]:
    """Open streams that are left at the end of the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Stream(service.port)))


@pytest.fixture
def stalled(service: Service) -> Iterator[socket.socket]:
    """A stream that nobody reads."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: stalled\r\n\r\n")
        assert connection.recv(1) == b"H"
        yield connection


def stalled_is_closed(service: Service) -> bool:
    """Whether the log has the line of the stream that nobody reads: it is written when that is closed."""
    return any(json.loads(line).get("id") == "stalled" for line in service.logs() if line.startswith("{"))


def read_to_the_end(connection: socket.socket) -> int:
    """Read what is left of a response in chunks, and return its bytes; raises IncompleteRead if its end is missing."""
    received, end = 0, b""
    try:
        while data := connection.recv(2**20):
            received, end = received + len(data), (end + data)[-5:]
    except ConnectionResetError:
        end = b""
    if end != b"0\r\n\r\n":
        raise http.client.IncompleteRead(b"", received)
    return received


def test_all_who_listen_hear_what_is_published(service: Service, listen: Callable[[], Stream]) -> None:
    streams = [listen(), listen()]
    for stream in streams:
        assert stream.response.status == 200
        assert stream.response.headers["content-type"] == "text/event-stream"
        assert stream.response.headers["cache-control"] == "no-store"
        assert stream.event() == "retry: 1000"
    service.container.kill("SIGUSR2")
    for stream in streams:
        assert len(stream.event()) == len("data: ") + EVENT


def test_a_silent_stream_has_a_comment_within_15_seconds(listen: Callable[[], Stream]) -> None:
    stream = listen()
    assert stream.event() == "retry: 1000"
    start = time.monotonic()
    assert stream.event() == ": alive"
    assert time.monotonic() - start < 16


def test_other_methods_are_answered_as_for_any_route(service: Service) -> None:
    head = service.get("/events", "HEAD")
    assert (head.status, head.headers["content-type"]) == (200, "text/event-stream")
    wrong = service.get("/events", "POST")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_who_does_not_read_is_cut_and_nobody_else(
    service: Service, listen: Callable[[], Stream], stalled: socket.socket
) -> None:
    reading = listen()
    assert reading.event() == "retry: 1000"
    for _ in range(3):
        service.container.kill("SIGUSR2")
        assert len(reading.event()) == len("data: ") + EVENT
    assert wait_until(lambda: stalled_is_closed(service), 5)
    with pytest.raises(http.client.IncompleteRead):
        read_to_the_end(stalled)


@pytest.mark.usefixtures("stalled")
def test_at_a_stop_streams_end_in_order_and_their_clients_come_back(
    service: Service, listen: Callable[[], Stream]
) -> None:
    streams = [listen() for _ in range(5)]
    for stream in streams:
        assert stream.event() == "retry: 1000"
    for _ in range(2):
        service.container.kill("SIGUSR2")
        for stream in streams:
            assert stream.event().startswith("data: x")
    container = service.container
    start = time.monotonic()
    container.stop(timeout=10)
    assert time.monotonic() - start < 3
    assert [stream.rest() for stream in streams] == ["event: end\ndata:\n\n"] * len(streams)
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
    assert json.loads(container.logs().decode().splitlines()[-1])["msg"] == "stopped"
    service.run()
    assert listen().event() == "retry: 1000"


def last_words(service: Service) -> tuple[int, str]:
    """Return the exit code of a service that has ended, and the message of the last line of its log."""
    code = service.container.wait(timeout=10)["StatusCode"]
    return code, json.loads(service.logs()[-1])["msg"]


@pytest.mark.usefixtures("resumed")
def test_what_is_asked_for_ahead_waits_for_its_turn(service: Service, listen: Callable[[], Stream]) -> None:
    """A response to HEAD is over before it is its turn, and a stream behind another one keeps nothing until then."""
    with Connection(service.port, 20) as ahead:
        ahead.send(b"".join(message(method, "/events") for method in ("GET", "HEAD", "GET")))
        beside = listen()
        assert beside.event() == "retry: 1000"
        service.container.kill("SIGHUP")
        assert beside.event() == "data: short"
        service.container.kill("SIGTERM")
        replies = [ahead.reply(method) for method in ("GET", "HEAD", "GET")]
        assert [reply and (reply.status, reply.body) for reply in replies] == [
            (200, b"retry: 1000\n\ndata: short\n\nevent: end\ndata:\n\n"),
            (200, b""),
            (200, b"retry: 1000\n\n"),
        ]
        assert ahead.ended()
    assert last_words(service) == (0, "stopped")


@pytest.mark.usefixtures("resumed", "stalled")
def test_what_is_published_during_a_stop_harms_nobody(service: Service) -> None:
    """A stream that has ended stays open for as long as its reader is behind."""
    service.container.kill("SIGWINCH")
    assert wait_until(lambda: "behind" in service.logs(), 30)
    service.container.kill("SIGTERM")
    assert last_words(service) == (0, "stopped")
