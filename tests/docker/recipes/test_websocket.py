"""WebSockets: all receive what one sends, who does not read or answer is cut, and a stop closes each in order."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from support.running import Service, wait_until
from support.runtime.raw import ask, echo

ORIGIN = "https://app.example.com"
LIMIT = 2**16  # bytes of one message
PING = 15  # seconds between two pings
# What an owner would write in the place of the example: work that takes its time, and that may fail.
WORK = """
  if (String(data) === 'fail') throw new Error('no such thing');
  if (String(data) === 'slow') await new Promise((resolve) => setTimeout(resolve, 2500));
"""
HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
Open = Callable[..., ClientConnection]


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service, with work of the owner's, the origin of a page, and a second between "not ready" and its end."""
    end = {"typescript": "ts", "javascript": "js"}[recipe.project.answers["language"]]
    sockets = recipe.project.path / "src" / f"sockets.{end}"
    text = sockets.read_text(encoding="utf-8")
    head, brace, body = text.partition("  for (const socket of sockets.clients) {\n    if (socket.bufferedAmount")
    assert brace, "the example is another one"
    sockets.write_text(head + WORK + brace + body, encoding="utf-8")
    settings = f"SOCKET_ORIGINS=https://example.com,{ORIGIN}\nSHUTDOWN_DELAY_MS=1000\n"
    (recipe.project.path / ".env").write_text(settings, encoding="utf-8")
    recipe.run()
    return recipe


@pytest.fixture
def open_socket(service: Service) -> Iterator[Open]:
    """Open WebSockets that answer pings by themselves, and that are left at the end of the test."""
    with ExitStack() as stack:

        def opened(path: str = "/ws", **options: Any) -> ClientConnection:
            url = f"ws://127.0.0.1:{service.port}{path}"
            connection: ClientConnection = connect(url, proxy=None, ping_interval=None, close_timeout=2, **options)
            return stack.enter_context(connection)

        yield opened


@pytest.fixture
def mute(service: Service) -> Iterator[socket.socket]:
    """A WebSocket whose client neither reads nor answers."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(HANDSHAKE.encode())
        assert connection.recv(12) == b"HTTP/1.1 101"
        yield connection


def read_to_the_end(connection: socket.socket, seconds: float = 20) -> int:
    """Return the number of bytes that are left; raises TimeoutError if the service does not end the connection."""
    received, deadline = 0, time.monotonic() + seconds
    try:
        while data := connection.recv(2**20):
            received += len(data)
            connection.settimeout(max(0.1, deadline - time.monotonic()))
    except ConnectionResetError:
        pass
    return received


def lines(service: Service, message: str) -> list[dict[str, object]]:
    """Return the lines of the log that have this message."""
    found = [json.loads(line) for line in service.logs() if line.startswith("{")]
    return [line for line in found if line["msg"] == message]


def close_code(connection: ClientConnection) -> int:
    """Wait for the close frame, and return its code; what comes before it is dropped."""
    try:
        while True:
            connection.recv(timeout=10)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def refusal(open_socket: Open, path: str = "/ws", **options: Any) -> int:
    """Return the status that an upgrade is refused with."""
    with pytest.raises(InvalidStatus) as refused:
        open_socket(path, **options)
    return refused.value.response.status_code


def test_all_receive_what_one_sends(open_socket: Open) -> None:
    clients = [open_socket("/ws?room=1"), open_socket(), open_socket()]
    for message in ("hi", b"\x00\xff", "", "x" * LIMIT):
        clients[1].send(message)
        assert [client.recv(timeout=10) for client in clients] == [message] * 3


def test_an_upgrade_has_a_line_in_the_log(service: Service, open_socket: Open) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"x-request-id": "mine", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    open_socket("/ws?secret", additional_headers=headers)
    expected = {"id": "mine", "trace_id": trace, "path": "/ws"}
    assert wait_until(lambda: any(expected.items() <= line.items() for line in lines(service, "upgrade")), 5)


def test_another_path_is_a_404_in_the_log(service: Service) -> None:
    fields = ("Connection: Upgrade", "Upgrade: websocket", "X-Request-Id: lost", "Sec-WebSocket-Version: 13")
    for path in ("/", "/ws/", "/wsx", "/nothing"):
        reply = ask(service.port, "GET", path, *fields)
        assert (reply.status, reply.problem["title"]) == (404, "Not Found")
        assert (reply.headers["x-request-id"], reply.headers["x-content-type-options"]) == ("lost", "nosniff")

    def refused() -> list[object]:
        return [line["status"] for line in lines(service, "refused") if line["id"] == "lost"]

    assert wait_until(lambda: refused() == [404] * 4, 5)


def test_other_protocols_are_no_upgrades(service: Service) -> None:
    """Java's client and `curl --http2` offer HTTP/2 with each request, also with those that have a body."""
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
    assert ask(service.port, "GET", "/", *offer).status == 200
    assert echo(service.port, b'{"message":"hi"}', *offer).body == b'{"message":"hi"}'


def test_what_is_no_upgrade_is_answered(service: Service) -> None:
    assert service.get("/ws").status == 404
    assert ask(service.port, "GET", "/ws", "Connection: Upgrade", "Upgrade: websocket").status == 400


def test_pages_of_other_origins_have_none(open_socket: Open) -> None:
    assert open_socket(origin=ORIGIN)
    for origin in ("https://evil.example.com", "http://app.example.com", f"{ORIGIN}.evil.example", "null"):
        assert refusal(open_socket, origin=origin) == 403


def test_a_message_that_is_too_large_closes_its_socket_alone(service: Service, open_socket: Open) -> None:
    sender, other = open_socket(), open_socket()
    sender.send("x" * (LIMIT + 1))
    assert close_code(sender) == 1009
    assert wait_until(lambda: "Max payload size exceeded" in str(lines(service, "websocket")), 5)
    other.send("still here")
    assert other.recv(timeout=10) == "still here"


def test_a_message_whose_work_fails_closes_its_socket_alone(service: Service, open_socket: Open) -> None:
    sender, other = open_socket(), open_socket()
    sender.send("fail")
    assert close_code(sender) == 1011
    assert wait_until(lambda: "no such thing" in str(lines(service, "message failed")), 5)
    other.send("still here")
    assert other.recv(timeout=10) == "still here"


def test_who_does_not_read_is_cut_and_nobody_else(open_socket: Open, mute: socket.socket) -> None:
    """64 MiB are more than kernels and the engine keep for one that does not read, and the service keeps one."""
    sender, count = open_socket(), 1024
    for _ in range(count):
        sender.send(b"x" * LIMIT)
        assert len(sender.recv(timeout=10)) == LIMIT
    assert read_to_the_end(mute) < (count - 1) * LIMIT


def test_who_does_not_answer_a_ping_is_cut_and_nobody_else(open_socket: Open, mute: socket.socket) -> None:
    client = open_socket()
    assert read_to_the_end(mute, 2 * PING + 10) < 200, "no more than the rest of the handshake and a ping"
    client.send("still here")
    assert client.recv(timeout=10) == "still here"


@pytest.mark.usefixtures("mute")
def test_at_a_stop_every_socket_is_closed_in_order(service: Service, open_socket: Open) -> None:
    """A message that is being worked on is answered first; who does not answer the close frame is cut."""
    clients = [open_socket() for _ in range(5)]
    clients[0].send("slow")
    time.sleep(0.2)
    container = service.container
    container.kill("SIGTERM")
    assert wait_until(lambda: lines(service, "draining") != [], 5)
    assert refusal(open_socket) == 503
    assert [client.recv(timeout=10) for client in clients] == ["slow"] * 5
    start = time.monotonic()
    assert [close_code(client) for client in clients] == [1001] * 5
    assert container.wait(timeout=15)["StatusCode"] == 0
    assert time.monotonic() - start < 3
    assert wait_until(lambda: lines(service, "stopped") != [], 5)
    with pytest.raises((OSError, http.client.HTTPException)):
        service.get("/livez")
    service.run()
    assert open_socket()
