"""After every malformed request the same process answers: the corpus, and requests mutated by property."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import corpus_framing, corpus_syntax
from runtime.containers import Copy
from runtime.corpus_item import Item
from runtime.raw import Connection, Reply, exchange, message
from runtime.test_answers import SECURITY

CORPUS = [*corpus_framing.ITEMS, *corpus_syntax.ITEMS]
# `make test` tries this many mutated requests per framework; FUZZ=10000 digs deeper.
FUZZ = int(os.environ.get("FUZZ", "500"))


def alive(copy: Copy) -> bool:
    """Whether /livez answers 200."""
    return copy.ask("GET", "/livez").status == 200


@pytest.fixture(autouse=True)
def same_process(main: Copy) -> Iterator[None]:
    """After every test of this module the same process answers."""
    before = main.identity
    yield
    assert alive(main)
    assert main.identity == before


def check(reply: Reply) -> None:
    """Every answer is well formed, carries the security headers and, of an error, a problem."""
    assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
    if reply.status >= 400 and reply.body:
        assert reply.problem


def test_corpus_is_large_and_sourced() -> None:
    assert len(CORPUS) >= 60
    assert len({item.name for item in CORPUS}) == len(CORPUS)
    assert all(len(item.source) > 8 for item in CORPUS)


@pytest.mark.parametrize("item", CORPUS, ids=lambda item: item.name)
def test_corpus(main: Copy, item: Item) -> None:
    replies = exchange(main.port, item.data, len(item.allowed[0]))
    if [reply.status for reply in replies] not in item.allowed:  # on a busy machine, an answer came too late
        replies = exchange(main.port, item.data, len(item.allowed[0]), patience=3)
    assert [reply.status for reply in replies] in item.allowed, f"{item.source}\n{replies}"
    for reply in replies:
        check(reply)


@pytest.mark.parametrize("item", CORPUS[::5], ids=lambda item: item.name)
def test_corpus_byte_by_byte_and_reset(main: Copy, item: Item) -> None:
    """The same in small packets; and clients that vanish with a TCP reset while the service answers."""
    data = item.data[:300]
    with Connection(main.port) as connection:
        connection.socket.setsockopt(6, 1, 1)  # TCP_NODELAY: a packet for each
        for start in range(0, len(data), 7):
            if not connection.send(data[start : start + 7]):
                break
        connection.reset()
    connection = Connection(main.port)
    connection.send(item.data)
    connection.reset()


def mutated(draw: st.DrawFn) -> bytes:
    """A request of the corpus, or two, with bytes removed, repeated, replaced or inserted."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=2))))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        again = bytes(data[start:end]) * 2
        data[start:end] = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4), st.just(again)))
    return bytes(data)


SEEDS = [message(), *(item.data for item in CORPUS if 0 < len(item.data) < 2_000 and b"HEAD" not in item.data)]
PIECES = [
    b"",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"%",
    b"/",
    b"//",
    b"\xff",
    b"0",
    b"-1",
    b"Host: a\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"HTTP/1.1",
    b"http://",
    b"chunked",
]


def answers(copy: Copy, data: bytes) -> list[Reply]:
    """Return the answers to a mutated request, all well formed.

    A client that stops sending loses what is still in flight, so the last answer may be cut.
    """
    try:
        replies = exchange(copy.port, data, 0)
    except ConnectionError:
        return []
    for reply in replies:
        check(reply)
    return replies


def test_fuzz(main: Copy) -> None:
    counts: dict[int, int] = {}

    @settings(max_examples=FUZZ)
    @given(st.composite(mutated)())
    def attack(data: bytes) -> None:
        for reply in answers(main, data):
            counts[reply.status] = counts.get(reply.status, 0) + 1
        assert alive(main)

    attack()
    assert counts.get(200)
    assert counts.get(400)
    assert not counts.get(500), "an error of the client's making is not the service's"
    print(f"{FUZZ} mutated requests, answers by status: {dict(sorted(counts.items()))}")
