"""Keeps every single measurement, and takes medians and ratios of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")
Raw = dict[str, dict[str, list[float]]]


def rotated(items: Sequence[Item], by: int) -> list[Item]:
    """Return the items beginning with another one each round, so that none always comes first."""
    start = by % len(items)
    return [*items[start:], *items[:start]]


class Samples:
    """Measurements by measure and variant; the n-th values of all variants come from the same round."""

    def __init__(self, raw: Raw | None = None) -> None:
        """Start empty, or with what an earlier run wrote."""
        self.raw: Raw = raw or {}

    def add(self, measure: str, variant: str, value: float) -> None:
        """Keep one measurement; the unit is part of the measure's name."""
        self.raw.setdefault(measure, {}).setdefault(variant, []).append(round(value, 4))

    def has(self, measure: str, *variants: str) -> bool:
        """Whether all these variants were measured."""
        return all(self.raw.get(measure, {}).get(variant) for variant in variants)

    def median(self, measure: str, variant: str) -> float:
        """The median over the rounds."""
        return median(self.raw[measure][variant])

    def ratio(self, measure: str, variant: str, other: str, other_measure: str | None = None) -> list[float]:
        """The quotients of the rounds: noise that hits both sides of one round cancels."""
        below = self.raw[other_measure or measure][other]
        return [a / b for a, b in zip(self.raw[measure][variant], below, strict=True)]

    def excess(self, measure: str, variant: str, floor: str) -> float:
        """The median over the rounds of a variant's value less the floor's of the same round."""
        return median(a - b for a, b in zip(self.raw[measure][variant], self.raw[measure][floor], strict=True))

    def best(self, measure: str, variants: Sequence[str], choose: Callable[..., str] = min) -> str:
        """The variant with the lowest median, or with `max` the highest."""
        return choose(variants, key=lambda variant: self.median(measure, variant))
