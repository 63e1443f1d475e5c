"""Speaks the inspector's protocol (Chrome DevTools Protocol) as an editor's debugger does."""

from __future__ import annotations

import json
from typing import Any

from websockets.sync.client import connect

from running import request


class Inspector:
    """A debugger attached to the inspector on a loopback port; use it in a `with` statement."""

    def __init__(self, port: int) -> None:
        """Attach to the first process that the port offers; raises OSError if nobody listens."""
        target = json.loads(request(port, "/json/list").body)[0]
        self._socket = connect(target["webSocketDebuggerUrl"], open_timeout=10)
        self._events: list[dict[str, Any]] = []
        self._sent = 0

    def __enter__(self) -> Inspector:
        """Switch the debugger on."""
        self.call("Debugger.enable")
        return self

    def __exit__(self, *_: object) -> None:
        """Detach, which lets a stopped process go on."""
        self._socket.close()

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
