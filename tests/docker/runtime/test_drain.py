"""How the container stops: what is in flight is finished, nothing else holds it up, deadlines nest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from loopback import GREETING
from support.running import wait_until
from support.runtime.containers import Instance, InstanceFactory
from support.runtime.one_by_default import one_framework_first
from support.runtime.raw import Connection, message

SLOW = message(target="/?inject=slow")  # answered after one second
BODY = b'{"message":"hi"}'
UPLOAD = message("POST", "/echo", "Content-Type: application/json", body=BODY)


@pytest.fixture
def running(instrumented: Instance) -> Instance:
    """The instrumented instance, started again if a test stopped it; ordinary limits."""
    return instrumented.start()


@pytest.fixture
def connect(running: Instance) -> Iterator[Callable[[], Connection]]:
    """Open connections that end with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Connection(running.port))


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGINT"])
def test_request_in_flight_is_answered(running: Instance, connect: Callable[[], Connection], signal: str) -> None:
    connection = connect()
    for _ in range(2):  # kept alive: the second request finds the connection open
        connection.send(message())
        assert connection.reply()
    connection.send(SLOW)
    time.sleep(0.2)
    start = running.drain(signal)
    reply = connection.reply()
    answered = time.time()
    assert reply is not None
    assert (reply.status, reply.body) == (200, GREETING.encode() + b"\n")
    assert reply.headers["connection"] == "close"
    assert connection.ended()
    assert answered - start > 0.2, "the signal did not come while the request was in flight"
    code, seconds = running.ended(answered)
    assert (code, seconds < 1) == (0, True), seconds


def test_upload_in_flight_is_finished(running: Instance, connect: Callable[[], Connection]) -> None:
    connection = connect()
    connection.send(UPLOAD[:-5])
    time.sleep(0.2)
    running.drain()
    connection.send(UPLOAD[-5:])
    reply = connection.reply()
    assert reply is not None
    assert (reply.status, reply.body, reply.headers["connection"]) == (200, BODY, "close")
    assert running.exit() == 0


def test_fifty_idle_clients_do_not_hold_it_up(running: Instance, connect: Callable[[], Connection]) -> None:
    connections = [connect() for _ in range(50)]
    for connection in connections[:40]:  # kept alive after an answer; the last ten never sent a byte
        connection.send(message())
        assert connection.reply()
    start = running.drain()
    code, seconds = running.ended(start)
    assert (code, seconds < 1) == (0, True), seconds
    assert all(connection.ended() for connection in connections)


def test_idle_clients_and_one_in_flight(running: Instance, connect: Callable[[], Connection]) -> None:
    idle = [connect() for _ in range(20)]
    for connection in idle:
        connection.send(message())
        assert connection.reply()
    busy = [connect() for _ in range(5)]
    for connection in busy:
        connection.send(SLOW)
    time.sleep(0.2)
    running.drain()
    replies = [connection.reply() for connection in busy]
    assert [reply.status if reply else None for reply in replies] == [200] * 5
    code, seconds = running.ended(time.time())
    assert (code, seconds < 1) == (0, True), seconds


def test_client_that_leaves_does_not_hold_it_up(running: Instance, connect: Callable[[], Connection]) -> None:
    connection = connect()
    connection.send(UPLOAD[:-5])
    time.sleep(0.2)
    running.drain()
    start = time.time()
    connection.reset()
    code, seconds = running.ended(start)
    assert (code, seconds < 1) == (0, True), seconds


def test_half_a_request_head_does_not_hold_it_up(running: Instance, connect: Callable[[], Connection]) -> None:
    connection = connect()
    connection.send(b"GET / HTTP/1.1\r\nHos")
    time.sleep(0.2)
    start = running.drain()
    code, seconds = running.ended(start)
    assert (code, seconds < 1) == (0, True), seconds


def test_second_signal_ends_it_at_once(running: Instance, connect: Callable[[], Connection]) -> None:
    connection = connect()
    connection.send(UPLOAD[:-5])
    time.sleep(0.2)
    running.drain()
    again = time.time()
    running.signal("SIGTERM")
    code, seconds = running.ended(again)
    assert (code, seconds < 1.0) == (1, True), seconds


def test_new_connections_are_refused_while_draining(running: Instance, connect: Callable[[], Connection]) -> None:
    busy = connect()
    busy.send(SLOW)
    time.sleep(0.2)
    running.drain()
    assert not running.is_answering("/livez")
    assert busy.reply()
    assert running.exit() == 0


def test_request_on_an_open_connection_while_draining(running: Instance, connect: Callable[[], Connection]) -> None:
    """A client that pipelines gets every answer; only the last says that the connection ends."""
    connection = connect()
    connection.send(UPLOAD[:-5])
    time.sleep(0.2)
    running.drain()
    connection.send(UPLOAD[-5:] + message())
    first = connection.reply()
    assert first is not None
    assert (first.status, first.headers["connection"]) == (200, "keep-alive")
    second = connection.reply()
    assert second is not None
    assert (second.status, second.headers["connection"]) == (200, "close")
    assert connection.ended(), "RFC 9112, 9.6: nothing follows `Connection: close`"
    assert running.exit() == 0


def test_delay_serves_while_readiness_says_no(instance: InstanceFactory) -> None:
    delayed = instance({"SHUTDOWN_DELAY_MS": "3000"})
    with Connection(delayed.port) as connection:
        connection.send(message())
        assert connection.reply()
        start = time.time()
        delayed.signal("SIGTERM")
        assert wait_until(lambda: delayed.ask("GET", "/readyz").status == 503, 1)
        problem = delayed.ask("GET", "/readyz").problem
        assert problem["title"] == "Service Unavailable"
        while time.time() < start + 1:
            assert delayed.ask("GET", "/livez").status == 200
            assert delayed.ask("GET", "/").status == 200, "a new connection, as a slow load balancer makes it"
            time.sleep(0.1)
        connection.send(message())
        last = connection.reply()
        assert last is not None
        assert (last.status, last.headers["connection"]) == (200, "close"), "the client is told to reconnect"
        assert connection.ended()
        assert delayed.execute("node", delayed.script("service/healthcheck"))[0] == 1
        code, seconds = delayed.ended(start)
    assert (code, 3 < seconds < 4) == (0, True), seconds


@one_framework_first
def test_endless_upload_ends_before_the_engine_kills(running: Instance, connect: Callable[[], Connection]) -> None:
    """`docker stop` with the grace of the compose file: exit 1 of the service itself, not 137."""
    connection = connect()
    connection.send(UPLOAD.replace(b"Length: 16", b"Length: 1000"))
    time.sleep(0.2)
    start = time.time()
    stopping = threading.Thread(target=running.container.stop)
    stopping.start()
    while stopping.is_alive():
        connection.send(b" ")
        time.sleep(0.2)
    stopping.join()
    code, seconds = running.ended(start)
    assert (code, 7.5 < seconds < 9.5) == (1, True), seconds
    assert running.events()[-1]["msg"] == "shutdown timed out"


def test_own_deadline(instance: InstanceFactory) -> None:
    short = instance({"SHUTDOWN_TIMEOUT_MS": "1000"})
    with Connection(short.port) as connection:
        connection.send(UPLOAD[:-5])
        time.sleep(0.2)
        start = time.time()
        short.signal("SIGTERM")
        code, seconds = short.ended(start)
    assert (code, 0.9 < seconds < 2) == (1, True), seconds
    assert [line["msg"] for line in short.events()][:3] == ["listening", "draining", "shutdown timed out"]
    assert short.events()[1]["signal"] == "SIGTERM"
