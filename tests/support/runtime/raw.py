"""HTTP over a plain socket: what no client library would send, and all that comes back."""

from __future__ import annotations

import json
import select
import socket
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One HTTP response: status, header fields in their order with lower-case names, body."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The fields as a dictionary; of a repeated one, the last."""
        return dict(self.fields)

    @property
    def problem(self) -> dict[str, Any]:
        """The body of an error; fails unless it is application/problem+json that repeats the status."""
        assert self.headers["content-type"] == "application/problem+json", self
        problem: dict[str, Any] = json.loads(self.body)
        assert problem["status"] == self.status, self
        return problem


class Connection:
    """A TCP connection to 127.0.0.1:port; every wait ends after `timeout` seconds with TimeoutError."""

    def __init__(self, port: int, timeout: float = 10) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.received = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close both directions."""
        self.socket.close()

    def reset(self) -> None:
        """Close at once with a TCP reset, as a client does that crashes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data: bytes) -> bool:
        """Send all of it; False if the service had closed the connection before."""
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            return False
        return True

    def finish(self) -> None:
        """Say that nothing more will be sent, as `shutdown(SHUT_WR)` does."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def readable(self, seconds: float) -> bool:
        """Whether an answer, or the end of the connection, is there within this time."""
        return bool(self.received) or bool(select.select([self.socket], [], [], seconds)[0])

    def reply(self, method: str = "GET") -> Reply | None:
        """Return the next final answer; None if the connection ends before one starts. Skips 1xx.

        Raises ConnectionError if the connection ends within the answer.
        """
        while self.received or self._fill():
            line = self._line()
            assert line.startswith(b"HTTP/1.1 "), line
            status = int(line.split()[1])
            fields = tuple(self._fields())
            if status >= 200:
                empty = method == "HEAD" or status in (204, 304)
                return Reply(status, fields, b"" if empty else self._body(dict(fields)))
        return None

    def replies(self, method: str = "GET") -> list[Reply]:
        """Return every answer until the service closes the connection; `method` is that of all requests."""
        found = []
        while reply := self.reply(method):
            found.append(reply)
        return found

    def ended(self) -> bool:
        """Wait until the service closes the connection; False if it sends something instead."""
        return not self.received and not self._fill()

    def _fill(self) -> bool:
        try:
            data = self.socket.recv(65_536)
        except ConnectionResetError:
            data = b""
        self.received += data
        return bool(data)

    def _exactly(self, size: int) -> bytes:
        while len(self.received) < size:
            if not self._fill():
                raise ConnectionError("the answer was cut")
        data, self.received = self.received[:size], self.received[size:]
        return data

    def _line(self) -> bytes:
        while b"\r\n" not in self.received:
            if not self._fill():
                raise ConnectionError("the answer was cut")
        line, _, self.received = self.received.partition(b"\r\n")
        return line

    def _fields(self) -> list[tuple[str, str]]:
        fields = []
        while line := self._line():
            name, _, value = line.decode("latin-1").partition(":")
            fields.append((name.lower(), value.strip()))
        return fields

    def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            while self._fill():
                pass
            body, self.received = self.received, b""
            return body
        body = b""
        while size := int(self._line(), 16):
            body += self._exactly(size)
            self._line()
        self._line()
        return body


def message(method: str = "GET", target: str = "/", *fields: str, body: bytes = b"", host: bool = True) -> bytes:
    """Return a request as bytes; `fields` are whole header lines. Only a body brings a Content-Length."""
    lines = [f"{method} {target} HTTP/1.1", *(["Host: localhost"] if host else []), *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(*parts: bytes) -> bytes:
    """Return a body in chunked transfer coding (RFC 9112, 7.1)."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


def exchange(port: int, data: bytes, expected: int = 1, patience: float = 0.4) -> list[Reply]:
    """Send bytes on a connection of their own; return every answer to them.

    The sending direction is closed after the expected number of answers, or when none comes for `patience`
    seconds: Node cuts answers in flight when a client closes it.
    """
    method = "HEAD" if data.startswith(b"HEAD ") else "GET"
    replies: list[Reply] = []
    with Connection(port) as connection:
        connection.send(data)
        while len(replies) < expected and connection.readable(patience) and (reply := connection.reply(method)):
            replies.append(reply)
        connection.finish()
        return replies + connection.replies(method)


def ask(port: int, method: str = "GET", target: str = "/", *fields: str, body: bytes = b"") -> Reply:
    """Send one well-formed request and return its answer; fails if there is none."""
    with Connection(port) as connection:
        connection.send(message(method, target, *fields, body=body))
        reply = connection.reply(method)
        assert reply is not None, f"no answer to {method} {target}"
        return reply


def echo(port: int, body: bytes, *fields: str) -> Reply:
    """POST bytes to the service's example of input, as JSON."""
    return ask(port, "POST", "/echo", "Content-Type: application/json", *fields, body=body)
