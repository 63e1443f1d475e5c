"""When a figure is called held, missed or unsettled, and from which rounds its interval comes."""

from __future__ import annotations

import pytest

from benchmarks.figures import BEST, Row, best_peer, figure
from benchmarks.intervals import (
    FEWEST,
    Rounds,
    difference,
    interval,
    middle,
    quotient,
    quotient_above_floor,
    verdict,
)
from benchmarks.samples import Samples

ONE = [(float(value),) for value in range(1, 12)]


@pytest.mark.parametrize(
    ("low", "high", "kind", "held"),
    [
        (0.8, 0.9, "at most", True),
        (0.8, 1.0, "at most", True),
        (0.9, 1.1, "at most", None),
        (1.0, 1.1, "at most", None),
        (1.01, 1.1, "at most", False),
        (1.1, 1.2, "at least", True),
        (1.0, 1.1, "at least", True),
        (0.9, 1.1, "at least", None),
        (0.9, 1.0, "at least", None),
        (0.8, 0.99, "at least", False),
    ],
)
def test_a_limit_is_held_or_missed_only_by_the_whole_interval(
    low: float, high: float, kind: str, held: bool | None
) -> None:
    assert verdict(low, high, 1.0, kind) is held


def test_an_interval_encloses_its_value_and_shrinks_with_more_rounds() -> None:
    low, high = interval(middle, ONE)
    assert 1 < low < 6 < high < 11
    more_low, more_high = interval(middle, ONE * 20)
    assert low < more_low <= 6 <= more_high < high
    assert interval(middle, ONE) == (low, high)


def test_an_interval_has_the_share_that_it_promises() -> None:
    def share(rounds: Rounds) -> float:
        return sum(value for (value,) in rounds) / len(rounds)

    low, high = interval(share, [(0.0,), (1.0,)] * 50)
    # A mean of 100 halves: 1.96 standard deviations of 0.05.
    assert low == pytest.approx(0.4, abs=0.02)
    assert high == pytest.approx(0.6, abs=0.02)


def test_whole_rounds_are_drawn_so_that_noise_of_a_round_cancels() -> None:
    noise = (1.0, 5.0, 2.0, 9.0, 3.0, 7.0)
    assert interval(quotient, [(2 * n, n) for n in noise]) == (2.0, 2.0)
    assert interval(difference, [(n + 3, n) for n in noise]) == (3.0, 3.0)


def test_above_the_floor_takes_the_floor_of_the_same_round() -> None:
    assert quotient_above_floor([(30.0, 20.0, 10.0), (50.0, 40.0, 30.0), (35.0, 25.0, 15.0)]) == 2.0
    assert quotient_above_floor([(30.0, 10.0, 10.0)]) == float("inf")


@pytest.mark.parametrize("count", [FEWEST - 1, FEWEST])
def test_few_rounds_settle_nothing_unless_the_value_has_no_noise(count: int) -> None:
    row = Row("a figure", "at most", 1.0, middle, (("s", "a"),))
    rounds = [(0.5,)] * count
    assert figure(row, rounds).held is (True if count >= FEWEST else None)
    exact = Row("a size", "at most", 1.0, middle, (("mb", "a"),), exact=True)
    assert figure(exact, [(0.5,)]).held is True
    assert figure(exact, [(1.5,)]).held is False


def test_the_value_is_the_median_and_the_word_is_the_verdicts() -> None:
    row = Row("a figure", "at most", 6.5, middle, (("s", "a"),))
    found = figure(row, ONE)
    assert (found.value, found.runs, found.word) == (6.0, 11, "unsettled")
    assert found.low < found.value < found.high
    assert [figure(Row("", "at most", limit, middle, ()), ONE).word for limit in (11.0, 0.5)] == ["held", "missed"]


def test_the_best_peer_is_the_one_beside_which_ours_looks_worst() -> None:
    row = Row(f"cold ÷ {BEST}'s", "at most", 1.0, quotient, (("s", "ours"), ("s", BEST)), peers=("a", "b", "lucky"))
    samples = Samples({"s": {"ours": [4.0] * 6, "a": [2.0] * 6, "b": [3.0] * 3, "lucky": [1.0] * 2}})
    assert best_peer(row, samples) == "a"
    samples.raw["s"]["b"] = [1.5] * 3
    assert best_peer(row, samples) == "b"
    assert row.beside("b").figure == "cold ÷ best peer (b)'s"
    assert best_peer(row, Samples()) == ""
