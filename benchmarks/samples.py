"""Keeps every single measurement, of several runs if need be, and pairs those of the same round."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")
# By measure and variant; null stands where a variant was left out of a round.
Raw = dict[str, dict[str, list[float | None]]]
# A measure and a variant.
Key = tuple[str, str]


def rotated(items: Sequence[Item], by: int) -> list[Item]:
    """Return the items beginning with another one each round, so that none always comes first."""
    start = by % max(1, len(items))
    return [*items[start:], *items[:start]]


class Samples:
    """Measurements by measure and variant; the n-th values of all variants come from the same round."""

    def __init__(self, raw: Raw | None = None) -> None:
        """Start empty, or after what an earlier run wrote: its rounds come first, for every variant alike."""
        self.raw: Raw = raw or {}
        self.earlier: dict[str, int] = {}
        self.begin_round(*self.raw)

    def begin_round(self, *measures: str) -> None:
        """Begin a round of these measures: null fills the rounds before it in which a variant was left out.

        Needed only where a variant that was left out may take part again.
        """
        for measure in measures:
            lists = self.raw.get(measure, {}).values()
            self.earlier[measure] = max(map(len, lists), default=0)
            for values in lists:
                values += [None] * (self.earlier[measure] - len(values))

    def add(self, measure: str, variant: str, value: float) -> None:
        """Keep one measurement; the unit is part of the measure's name."""
        values = self.raw.setdefault(measure, {}).setdefault(variant, [None] * self.earlier.get(measure, 0))
        values.append(round(value, 4))

    def values(self, measure: str, variant: str) -> list[float]:
        """Return what was measured of a variant, in every round in which it took part."""
        return [value for value in self.raw.get(measure, {}).get(variant, []) if value is not None]

    def has(self, measure: str, *variants: str) -> bool:
        """Whether all these variants were measured."""
        return all(self.values(measure, variant) for variant in variants)

    def median(self, measure: str, variant: str) -> float:
        """The median over the rounds."""
        return median(self.values(measure, variant))

    def rounds(self, *keys: Key) -> list[tuple[float, ...]]:
        """Return the values of these keys, round by round, of the rounds in which all of them were measured.

        Noise that hits one round hits all its values, so that it cancels in their quotients.
        """
        lists = [self.raw.get(measure, {}).get(variant, []) for measure, variant in keys]
        together = zip(*lists, strict=False)
        return [tuple(v for v in values if v is not None) for values in together if None not in values]
