"""Clients of a service's WebSockets: ones that answer, one that neither reads nor answers, and what the log says."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from support.running import Service

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
Open = Callable[..., ClientConnection]


@contextmanager
def opener(service: Service) -> Iterator[Open]:
    """Yield what opens WebSockets; they answer pings by themselves, and are left at the end."""
    with ExitStack() as stack:

        def opened(path: str = "/ws", **options: Any) -> ClientConnection:
            url = f"ws://127.0.0.1:{service.port}{path}"
            connection: ClientConnection = connect(url, proxy=None, ping_interval=None, close_timeout=2, **options)
            return stack.enter_context(connection)

        yield opened


@contextmanager
def mute_client(service: Service) -> Iterator[socket.socket]:
    """Open a WebSocket whose client neither reads nor answers."""
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
