"""Which combinations of answers the tests bake, build and run; all read from cookiecutter.json."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator

from allpairspy import AllPairs

from extension.rules import excluded
from support.baking import ROOT

QUESTIONS: dict[str, str | list[str]] = {
    key: value
    for key, value in json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8")).items()
    if not key.startswith("_")
}
CHOICES: dict[str, list[str]] = {key: value for key, value in QUESTIONS.items() if isinstance(value, list)}

# Answers that change each other's files: every combination of them counts.
INTERACTING = ("framework", "language", "package_manager", "node_version", "runtime_image", "database")
# Answers whose code and packages differ by framework and language: every pair counts.
PAIRED = ("pages", "metrics")
# Answers that change files of their own only: cycled along with the others, as the paired are in the full product.
INDEPENDENT = tuple(key for key in CHOICES if key not in INTERACTING)

# The default, and one that nothing can assume; few, because files that differ are linted one by one.
PORTS = ("3000", "8123")

Answers = dict[str, str]


def label(answers: Answers) -> str:
    """Return a readable test id, such as `express-javascript-npm-26-minimal-none`."""
    return "-".join(answers[key] for key in INTERACTING)


def with_independent(combinations: Iterator[Answers]) -> list[Answers]:
    """Add the independent answers, spread evenly but the same in every run, and one of two ports."""

    def answer(combination: Answers, key: str, number: int) -> str:
        allowed = [choice for choice in CHOICES[key] if not excluded({**combination, key: choice})]
        return random.Random(f"{key}{number}").choice(allowed)  # noqa: S311

    return [
        {
            **{key: answer(combination, key, number) for key in INDEPENDENT},
            **combination,
            "port": PORTS[number % 2],
        }
        for number, combination in enumerate(combinations)
    ]


def every_combination() -> list[Answers]:
    """Return every combination of the interacting answers except the Node line, which is cycled along.

    It follows from the sum of their places, so that it meets every combination of any three of them: 162 with three
    frameworks and the rest instead of 486.
    """
    others = [key for key in INTERACTING if key != "node_version"]
    lines = CHOICES["node_version"]

    def combination(places: tuple[int, ...]) -> Answers:
        chosen = {key: CHOICES[key][place] for key, place in zip(others, places, strict=True)}
        chosen["node_version"] = lines[sum(places) % len(lines)]
        return {key: chosen[key] for key in INTERACTING}

    product = itertools.product(*(range(len(CHOICES[key])) for key in others))
    return with_independent(combination(places) for places in product)


def pairwise_cover() -> list[Answers]:
    """Return combinations in which every two choices of different questions meet; the defaults come first."""
    keys = (*INTERACTING, *PAIRED)
    pairs = AllPairs([CHOICES[key] for key in keys])
    return with_independent(dict(zip(keys, values, strict=True)) for values in pairs)
