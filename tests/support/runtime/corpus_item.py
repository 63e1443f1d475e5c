"""One raw request of the malformed-input corpus, and what several of them are made of."""

from __future__ import annotations

from dataclasses import dataclass

from support.runtime.raw import message

JSON = "Content-Type: application/json"
ECHO = b'{"message":"hi"}'
# The request that a smuggler wants to be taken for one of its own; no log line may show its path.
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(frozen=True)
class Item:
    """A request as bytes, the statuses of its answers in order (`400`, `200 404`, `` for none; `|` between
    alternatives), the source of the idea in our own words, and why more than one alternative is right."""

    name: str
    data: bytes
    statuses: str
    source: str
    two_because: str = ""

    @property
    def allowed(self) -> list[list[int]]:
        """The alternatives as lists of numbers."""
        return [[int(status) for status in choice.split()] for choice in self.statuses.split("|")]


def CVE(number: str, what: str) -> str:
    """Return the source line of a published vulnerability."""
    return f"CVE-{number}, {what}"


def post(body: bytes, *fields: str) -> bytes:
    """A POST of JSON to the service's example of input."""
    return message("POST", "/echo", JSON, *fields, body=body)
