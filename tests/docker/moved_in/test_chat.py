"""A chat over socket.io in CommonJS: its own server, a page, and the client that socket.io serves; by pnpm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Service

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
APPLICATION = APPLICATIONS["chat"]


def receive(client: ClientConnection) -> str:
    """Return the next packet, pings aside."""
    while (packet := str(client.recv(timeout=10))) == "2":
        client.send("3")
    return packet


@contextmanager
def joined(service: Service, room: str) -> Iterator[ClientConnection]:
    """Speak socket.io's protocol, version 5 over a WebSocket, in a room."""
    url = f"ws://127.0.0.1:{service.port}/socket.io/?EIO=4&transport=websocket"
    with connect(url, proxy=None, ping_interval=None) as client:
        assert receive(client).startswith("0{")
        client.send("40")
        assert receive(client).startswith('40{"sid"')
        client.send(f"42{json.dumps(['join', room])}")
        yield client


def use(service: Service) -> None:
    """Two visitors talk; the page and its client are served."""
    assert "<title>Chat</title>" in service.get("/").body
    assert "Socket.IO v4" in service.get("/socket.io/socket.io.js").body[:100]
    polling = service.get("/socket.io/?EIO=4&transport=polling")
    assert (polling.status, polling.body[0]) == (200, "0")
    with joined(service, "tea") as first, joined(service, "tea") as second:
        assert receive(first) == '42["notice","somebody came"]'
        second.send('42["say","tea","hello"]')
        assert receive(first) == receive(second) == '42["said","hello"]'


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)


def test_a_stop_tells_who_is_there(moved: Moved) -> None:
    moved.service.run()
    with joined(moved.service, "tea") as client:
        moved.service.container.stop(timeout=9)
        assert receive(client) == '42["notice","the server stops"]'
    assert moved.service.container.attrs["State"]["ExitCode"] == 0
