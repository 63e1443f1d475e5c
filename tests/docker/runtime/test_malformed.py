"""After every malformed request the same process answers: the corpus, and requests mutated by property."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.runtime.containers import Instance
from support.runtime.corpus import CORPUS, check, is_alive, mutated, responses
from support.runtime.corpus_item import Item
from support.runtime.raw import Connection, exchange

# `make test` tries this many mutated requests per framework; FUZZ=10000 digs deeper.
FUZZ = int(os.environ.get("FUZZ", "500"))


@pytest.fixture(autouse=True)
def same_process(main: Instance) -> Iterator[None]:
    """After every test of this module the same process answers."""
    before = main.identity
    yield
    assert is_alive(main)
    assert main.identity == before


@pytest.mark.parametrize("item", CORPUS, ids=lambda item: item.name)
def test_corpus(main: Instance, item: Item) -> None:
    replies = exchange(main.port, item.data, len(item.allowed[0]))
    if len(replies) < len(item.allowed[0]):  # on a busy machine, an answer came too late
        replies = exchange(main.port, item.data, len(item.allowed[0]), patience=3)
    assert [reply.status for reply in replies] in item.allowed, f"{item.source}\n{replies}"
    for reply in replies:
        check(reply)


@pytest.mark.parametrize("item", CORPUS[::5], ids=lambda item: item.name)
def test_corpus_byte_by_byte_and_reset(main: Instance, item: Item) -> None:
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


def test_fuzz(main: Instance) -> None:
    counts: dict[int, int] = {}

    @settings(max_examples=FUZZ)
    @given(st.composite(mutated)())
    def attack(data: bytes) -> None:
        for reply in responses(main, data):
            counts[reply.status] = counts.get(reply.status, 0) + 1
        assert is_alive(main)

    attack()
    assert counts.get(200)
    assert counts.get(400)
    assert not counts.get(500), "an error of the client's making is not the service's"
    print(f"{FUZZ} mutated requests, answers by status: {dict(sorted(counts.items()))}")
