"""The corpus of malformed requests, mutations of it, and what every response to one must be."""

from __future__ import annotations

from hypothesis import strategies as st

from support.runtime import corpus_framing, corpus_syntax
from support.runtime.containers import Instance
from support.runtime.facts import SECURITY
from support.runtime.raw import Reply, exchange, message

CORPUS = [*corpus_framing.ITEMS, *corpus_syntax.ITEMS]


def is_alive(instance: Instance) -> bool:
    """Whether /livez answers 200."""
    return instance.ask("GET", "/livez").status == 200


def check(reply: Reply) -> None:
    """Every answer is well formed, carries the security headers and, of an error, a problem."""
    assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
    if reply.status >= 400 and reply.body:
        assert reply.problem


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


def responses(instance: Instance, data: bytes) -> list[Reply]:
    """Return the answers to a mutated request, all well formed.

    A client that stops sending loses what is still in flight, so the last answer may be cut.
    """
    try:
        replies = exchange(instance.port, data, 0)
    except ConnectionError:
        return []
    for reply in replies:
        check(reply)
    return replies
