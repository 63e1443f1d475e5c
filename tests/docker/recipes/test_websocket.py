"""WebSockets: all receive what one sends, pages of other hosts are refused, and a stop closes each socket in order."""

from __future__ import annotations

import http.client
import time

import pytest

from support.recipes.sockets import Open, close_code, lines, refusal
from support.running import Service, wait_until
from support.runtime.raw import ask, echo

LIMIT = 2**16  # bytes of one message


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service, with a second between "not ready" and its end."""
    (recipe.project.path / ".env").write_text("SHUTDOWN_DELAY_MS=1000\n", encoding="utf-8")
    recipe.run()
    return recipe


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


def test_pages_of_other_hosts_have_none(service: Service, open_socket: Open) -> None:
    host = f"127.0.0.1:{service.port}"
    for origin in (f"http://{host}", f"https://{host}"):
        assert open_socket(origin=origin)
    others = (
        "https://evil.example.com",
        "http://127.0.0.1",
        f"http://{host}.evil.example",
        f"http://x//{host}",
        "null",
    )
    for origin in others:
        assert refusal(open_socket, origin=origin) == 403


def test_a_message_that_is_too_large_closes_its_socket_alone(service: Service, open_socket: Open) -> None:
    sender, other = open_socket(), open_socket()
    sender.send("x" * (LIMIT + 1))
    assert close_code(sender) == 1009
    assert wait_until(lambda: "Max payload size exceeded" in str(lines(service, "websocket")), 5)
    other.send("still here")
    assert other.recv(timeout=10) == "still here"


@pytest.mark.usefixtures("mute")
def test_at_a_stop_every_socket_is_closed_in_order(service: Service, open_socket: Open) -> None:
    """What is sent before is received; who does not answer the close frame is cut."""
    clients = [open_socket() for _ in range(5)]
    container = service.container
    container.kill("SIGTERM")
    assert wait_until(lambda: lines(service, "draining") != [], 5)
    assert refusal(open_socket) == 503
    clients[0].send("last")
    assert [client.recv(timeout=10) for client in clients] == ["last"] * 5
    start = time.monotonic()
    assert [close_code(client) for client in clients] == [1001] * 5
    assert container.wait(timeout=15)["StatusCode"] == 0
    assert time.monotonic() - start < 3
    assert wait_until(lambda: lines(service, "stopped") != [], 5)
    with pytest.raises((OSError, http.client.HTTPException)):
        service.get("/livez")
    service.run()
    assert open_socket()
