"""The corpus of malformed requests is large, says where each item is from, and expects one outcome of it."""

from __future__ import annotations

import pytest

from support.runtime.corpus import CORPUS
from support.runtime.corpus_item import Item


def test_corpus_is_large_and_sourced() -> None:
    assert len(CORPUS) >= 60
    assert len({item.name for item in CORPUS}) == len(CORPUS)
    assert all(len(item.source) > 8 for item in CORPUS)


@pytest.mark.parametrize("item", CORPUS, ids=lambda item: item.name)
def test_an_item_accepts_one_outcome_or_says_why_two_are_right(item: Item) -> None:
    assert len(item.allowed) <= 2, "three outcomes test nothing"
    assert (len(item.allowed) == 2) == bool(item.two_because), item.statuses
