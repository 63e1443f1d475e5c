"""Slow, large and many: each is cut at its limit while ordinary clients are served."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.running import Service
from support.runtime.containers import Instance, another_instance
from support.runtime.raw import Connection, Reply, chunked, echo, exchange, message

JSON = "Content-Type: application/json"
SLOW_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
SLOW_BODY = message("POST", "/echo", JSON, "Content-Length: 1000")
SLOW_CHUNKS = message("POST", "/echo", JSON, "Transfer-Encoding: chunked")


@pytest.fixture(scope="module")
def strict(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A copy with short deadlines and a small body limit."""
    environment = {
        "HEADERS_TIMEOUT_MS": "1000",
        "REQUEST_TIMEOUT_MS": "2000",
        "KEEP_ALIVE_TIMEOUT_MS": "1000",
        "BODY_LIMIT_BYTES": "1000",
    }
    with another_instance(service, tmp_path_factory.mktemp("strict"), environment) as instance:
        yield instance


@pytest.mark.parametrize(
    ("start", "drip", "limit"),
    [(SLOW_HEAD, b"x", 1), (SLOW_BODY, b" ", 2), (SLOW_CHUNKS, b"1\r\n \r\n", 2)],
    ids=["head", "body", "chunks"],
)
def test_slow_clients_are_cut_and_others_served(strict: Instance, start: bytes, drip: bytes, limit: int) -> None:
    before = strict.identity
    begin = time.monotonic()
    with ExitStack() as stack:
        slow = [stack.enter_context(Connection(strict.port)) for _ in range(30)]
        for connection in slow:
            connection.send(start)
        while time.monotonic() < begin + limit - 0.3:
            for connection in slow:
                connection.send(drip)
            asked = time.monotonic()
            assert strict.ask().status == 200
            assert time.monotonic() - asked < 0.5, "an ordinary client waits for a slow one"
            time.sleep(0.1)
        for connection in slow:
            reply = connection.reply()
            assert reply is not None, "cut without a word"
            assert (reply.status, reply.problem["title"]) == (408, "Request Timeout")
            assert reply.headers["connection"] == "close"
            assert connection.ended()
    assert limit - 0.2 < time.monotonic() - begin < limit + 2.5
    assert strict.identity == before


def test_idle_connection_is_closed(strict: Instance) -> None:
    with Connection(strict.port) as connection:
        connection.send(message())
        assert connection.reply()
        begin = time.monotonic()
        assert connection.ended()
        # Node adds a second to what it announces, so that a client does not meet the closing.
        assert 0.9 < time.monotonic() - begin < 3


def test_announced_keep_alive_is_the_default(main: Instance) -> None:
    """Longer than the 60 s after which load balancers let go, so that it is them who close."""
    assert main.ask().headers["keep-alive"] == "timeout=65"


def sized(instance: Instance, size: int, how: str) -> Reply:
    """POST a valid message padded to `size` bytes, with its length or in chunks of 100 bytes."""
    body = b'{"message":"hi"}'.ljust(size)
    if how == "length":
        return echo(instance.port, body)
    parts = [body[start : start + 100] for start in range(0, size, 100)]
    request = message("POST", "/echo", JSON, "Transfer-Encoding: chunked") + chunked(*parts)
    [reply] = exchange(instance.port, request)
    return reply


@pytest.mark.parametrize("how", ["length", "chunks"])
def test_body_of_one_byte_too_much(strict: Instance, how: str) -> None:
    assert sized(strict, 1000, how).status == 200
    refused = sized(strict, 1001, how)
    assert refused.status == 413
    assert refused.problem["title"] == "Payload Too Large"


def test_endless_chunks_end(strict: Instance) -> None:
    """A body that never ends costs neither memory nor more than the request's time."""
    begin = time.monotonic()
    with Connection(strict.port) as connection:
        connection.send(SLOW_CHUNKS)
        while time.monotonic() < begin + 6 and not connection.readable(0):
            if not connection.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n"):
                break
        reply = connection.reply()
    assert reply is None or reply.status in (408, 413)
    assert time.monotonic() - begin < 5
    assert strict.is_answering("/livez")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP", "x-gzip"])
def test_compressed_bodies_are_refused(strict: Instance, coding: str) -> None:
    bomb = gzip.compress(b" " * 100_000)
    assert echo(strict.port, bomb, f"Content-Encoding: {coding}").status == 415


@pytest.mark.parametrize("second", ["Host: localhost", "Host: evil", "host: evil", "HOST:"])
def test_two_hosts(main: Instance, second: str) -> None:
    [reply] = exchange(main.port, message("GET", "/", second))
    assert reply.status == 400


def test_number_and_size_of_headers(main: Instance) -> None:
    assert main.ask("GET", "/", *(f"X-{n}: y" for n in range(90))).status == 200
    assert main.ask("GET", "/", *(f"X-{n}: y" for n in range(110))).status == 431
    assert main.ask("GET", "/", "Cookie: " + "x" * 15_000).status == 200
    assert main.ask("GET", "/", "Cookie: " + "x" * 17_000).status == 431


def test_many_connections_at_once(main: Instance) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(main.port)) for _ in range(300)]
        for connection in connections:
            connection.send(message())
        replies = [connection.reply() for connection in connections]
    assert [reply.status if reply else None for reply in replies] == [200] * 300
