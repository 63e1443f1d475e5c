"""A load client that sees every connection: asyncio streams, keep-alive, counts of answers, failures and resets."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 20.0  # seconds; longer than every timeout and repetition of the balancer
PAUSE = 0.015  # seconds between two requests of a connection: load, but cores left for the roll-out
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
_BODY = b'{"message":"hi"}'
POST = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_BODY),
    _BODY,
)


@dataclass
class Counts:
    """What became of the requests of one kind."""

    answered: Counter[str] = field(default_factory=Counter)  # by body, of status 200 or 201
    failed: Counter[str] = field(default_factory=Counter)  # by reason: no answer, or another status
    failed_at: list[float] = field(default_factory=list)  # time.monotonic() of each failure
    resets: int = 0
    closed: int = 0  # connections that the other side ended in good order, after an answer

    def __str__(self) -> str:
        """One line for a report."""
        answers = ", ".join(f"{count} x {body!r}" for body, count in sorted(self.answered.items()))
        return f"{answers}; failed {dict(self.failed)}, resets {self.resets}, connections closed {self.closed}"


async def _read_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return head and body of an answer that has a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    length = next((int(value) for name, _, value in fields if name == b"content-length"), 0)
    return head, await reader.readexactly(length)


async def _connection(port: int, request: bytes, counts: Counts, stop: threading.Event) -> None:
    """Send one request after another; a connection that ends is opened again."""
    writer: asyncio.StreamWriter | None = None
    while not stop.is_set():
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            await writer.drain()
            head, body = await asyncio.wait_for(_read_answer(reader), PATIENCE)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            counts.failed[type(error).__name__] += 1
            counts.failed_at.append(time.monotonic())
            counts.resets += isinstance(error, ConnectionError | asyncio.IncompleteReadError)
            if writer:
                writer.close()
            writer = None
            await asyncio.sleep(0.1)
            continue
        status = head.split(b" ", 2)[1].decode()
        if status in ("200", "201"):
            counts.answered[body.decode().strip()] += 1
        else:
            counts.failed[status] += 1
            counts.failed_at.append(time.monotonic())
        if b"\r\nconnection: close" in head.lower():
            counts.closed += 1
            writer.close()
            writer = None
        await asyncio.sleep(PAUSE)
    if writer:
        writer.close()


@contextmanager
def load(
    port: int, gets: int = 64, posts: int = 0, get: bytes = GET, post: bytes = POST
) -> Iterator[tuple[Counts, Counts]]:
    """Ask 127.0.0.1:port over that many connections until the block ends; yield the counts of GET and of POST."""
    counts, stop = (Counts(), Counts()), threading.Event()

    async def everything() -> None:
        kinds = [(get, counts[0])] * gets + [(post, counts[1])] * posts
        await asyncio.gather(*(_connection(port, request, kind, stop) for request, kind in kinds))

    died: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(everything())
        except BaseException as error:  # an error of this thread would not fail the test
            died.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield counts
    finally:
        stop.set()
        thread.join(PATIENCE + 5)
    assert not thread.is_alive()
    assert died == []


def echoed(counts: Counts) -> int:
    """Return how many POSTs were answered with what they sent."""
    return sum(n for body, n in counts.answered.items() if json.loads(body) == {"message": "hi"})
