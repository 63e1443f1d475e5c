"""WebSockets in production: who does not read or answer is cut; work may take its time, and may fail."""

from __future__ import annotations

import socket
import time

import pytest

from support.recipes.sockets import Open, close_code, lines, read_to_the_end
from support.running import Service, wait_until

MESSAGE = 2**16  # bytes
PING = 15  # seconds between two pings
# What an owner would write in the place of the example: work that takes its time, and that may fail.
WORK = """
  if (String(data) === 'fail') throw new Error('no such thing');
  if (String(data) === 'slow') await new Promise((resolve) => setTimeout(resolve, 2500));
"""


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service, with work of the owner's."""
    end = {"typescript": "ts", "javascript": "js"}[recipe.project.answers["language"]]
    sockets = recipe.project.path / "src" / f"sockets.{end}"
    text = sockets.read_text(encoding="utf-8")
    head, brace, body = text.partition("  for (const client of sockets.clients) {\n    if (client.bufferedAmount")
    assert brace, "the example is another one"
    sockets.write_text(head + WORK + brace + body, encoding="utf-8")
    recipe.run()
    return recipe


def test_all_receive_what_one_sends(open_socket: Open) -> None:
    clients = [open_socket() for _ in range(3)]
    clients[1].send("hi")
    assert [client.recv(timeout=10) for client in clients] == ["hi"] * 3


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
        sender.send(b"x" * MESSAGE)
        assert len(sender.recv(timeout=10)) == MESSAGE
    assert read_to_the_end(mute) < (count - 1) * MESSAGE


def test_who_does_not_answer_a_ping_is_cut_and_nobody_else(open_socket: Open, mute: socket.socket) -> None:
    client = open_socket()
    assert read_to_the_end(mute, 2 * PING + 10) < 200, "no more than the rest of the handshake and a ping"
    client.send("still here")
    assert client.recv(timeout=10) == "still here"


@pytest.mark.usefixtures("mute")
def test_a_stop_waits_for_the_work_on_a_message(service: Service, open_socket: Open) -> None:
    """It is answered, then each socket is closed in order."""
    clients = [open_socket() for _ in range(5)]
    clients[0].send("slow")
    time.sleep(0.2)
    container = service.container
    container.kill("SIGTERM")
    assert [client.recv(timeout=10) for client in clients] == ["slow"] * 5
    assert [close_code(client) for client in clients] == [1001] * 5
    assert container.wait(timeout=15)["StatusCode"] == 0
    assert wait_until(lambda: lines(service, "stopped") != [], 5)
    service.run()
    assert open_socket()
