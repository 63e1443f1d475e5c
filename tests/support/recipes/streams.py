"""Clients of a service's event streams, which read them line by line."""

from __future__ import annotations

import http.client


class Stream:
    """An open event stream, read line by line."""

    def __init__(self, port: int) -> None:
        """Ask for it; twenty seconds without a byte are an error."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", "/events")
        self.response = self.connection.getresponse()

    def line(self) -> str:
        """Return the next line without its end; raises HTTPException or OSError if the stream was cut."""
        return self.response.readline().decode().rstrip("\n")

    def event(self) -> str:
        """Return the lines before the next empty one."""
        return "\n".join(iter(self.line, ""))

    def rest(self) -> str:
        """Return all to the end of a stream that ends as HTTP wants; raises otherwise."""
        return self.response.read().decode()

    def close(self) -> None:
        """Leave."""
        self.connection.close()
