"""Speaks the inspector's protocol (Chrome DevTools Protocol) as an editor's debugger does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

from websockets.sync.client import ClientConnection, connect

from support.running import request


class Inspector:
    """A debugger that is attached to a process."""

    def __init__(self, socket: ClientConnection) -> None:
        """Take the connection to the process's inspector."""
        self._socket = socket
        self._events: list[dict[str, Any]] = []
        self._sent = 0

    def call(self, method: str, **parameters: Any) -> Any:
        """Return a method's result; fails the test if the inspector refuses it or is silent for 10 seconds."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while (message := self._receive()).get("id") != self._sent:
            self._events.append(message)
        assert "error" not in message, message
        return message["result"]

    def wait_for(self, event: str) -> Any:
        """Return the parameters of the next such event, which may have come already."""
        while True:
            message = self._events.pop(0) if self._events else self._receive()
            if message.get("method") == event:
                return message["params"]

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv(timeout=10))
        return message


def offers(port: int) -> list[str]:
    """Return the WebSocket addresses of the processes that an inspector offers, none while it does not answer."""
    try:
        return [str(target["webSocketDebuggerUrl"]) for target in json.loads(request(port, "/json/list").body)]
    except (OSError, HTTPException):
        return []


@contextmanager
def attached(port: int) -> Iterator[Inspector]:
    """Attach to the first process that the inspector on a loopback port offers, with the debugger switched on.

    Detaching lets a stopped process go on. Raises IndexError if no inspector listens.
    """
    with connect(offers(port)[0], open_timeout=10) as socket:
        inspector = Inspector(socket)
        inspector.call("Debugger.enable")
        yield inspector
