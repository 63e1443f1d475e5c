"""How sure a number is: its interval over resampled rounds, and what follows for its limit."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import median

Rounds = Sequence[tuple[float, ...]]
Statistic = Callable[[Rounds], float]

RESAMPLES = 2000
SHARE = 0.95
# Of fewer rounds not even the lowest and the highest enclose the median with this confidence: 1 - 2 / 2**6 = 0.97.
FEWEST = 6


def interval(statistic: Statistic, rounds: Rounds) -> tuple[float, float]:
    """Return the bootstrap's interval of a statistic: whole rounds are drawn, because their values belong together.

    The draws are the same in every call, so that a report written anew says the same.
    """
    draw = random.Random(0)  # noqa: S311
    found = sorted(statistic(draw.choices(rounds, k=len(rounds))) for _ in range(RESAMPLES))
    left_out = round(RESAMPLES * (1 - SHARE) / 2)
    return found[left_out], found[-1 - left_out]


def verdict(low: float, high: float, limit: float, kind: str) -> bool | None:
    """Whether a limit is held: None while the interval has the limit inside."""
    if kind == "at least":
        low, high, limit = -high, -low, -limit
    if high <= limit:
        return True
    return False if low > limit else None


def middle(rounds: Rounds) -> float:
    """The median of one value."""
    return median(value for (value,) in rounds)


def quotient(rounds: Rounds) -> float:
    """The median of the rounds' quotients."""
    return median(above / below for above, below in rounds)


def difference(rounds: Rounds) -> float:
    """The median of the rounds' differences."""
    return median(value - other for value, other in rounds)


def quotient_above_floor(rounds: Rounds) -> float:
    """How far one value is above the floor, by how far the other one is, both as medians of the rounds.

    Infinite where the other one is not above it: then the rounds say nothing.
    """
    above = median(value - floor for value, _, floor in rounds)
    below = median(other - floor for _, other, floor in rounds)
    return above / below if below > 0 else float("inf")
