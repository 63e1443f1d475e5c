"""Writes one template for many lockfiles.

Lines that all of them share appear once; each other line is conditional on the answers that it follows from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby, product

Answers = Mapping[str, str]
Line = tuple[tuple[str, ...], str]  # the lines that it is nested in, and itself


def located(text: str) -> list[Line]:
    """Return each line with the less indented lines that it is nested in, which tell equal lines apart."""
    lines: list[Line] = []
    above: list[str] = []
    depths: list[int] = []
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip())
        closing = line.lstrip().startswith(("}", "]"))
        while line and not closing and depths and depths[-1] >= depth:
            depths.pop()
            above.pop()
        while closing and depths and depths[-1] > depth:
            depths.pop()
            above.pop()
        lines.append((tuple(above), line))
        if line and not closing:
            depths.append(depth)
            above.append(line)
    return lines


def aligned(texts: Sequence[str]) -> list[tuple[str, frozenset[int]]]:
    """Return the lines of all texts in one order, each with the numbers of the texts that have it there."""
    merged: list[tuple[Line, set[int]]] = []
    for number in sorted(range(len(texts)), key=lambda n: -len(texts[n])):
        lines = located(texts[number])
        known = [line for line, _ in merged]
        result: list[tuple[Line, set[int]]] = []
        for _, start, end, from_, to in SequenceMatcher(None, known, lines, autojunk=False).get_opcodes():
            same = known[start:end] == lines[from_:to]
            result += [(line, {*owners, number} if same else owners) for line, owners in merged[start:end]]
            result += [] if same else [(line, {number}) for line in lines[from_:to]]
        merged = result
    return [(line, frozenset(owners)) for (_, line), owners in merged]


def conjunctions(answers: Sequence[Answers]) -> Iterator[dict[str, str]]:
    """Yield every choice of values for some of the answers, those that say least first."""
    values = {key: sorted({given[key] for given in answers}) for key in answers[0]}
    every = product(*([None, *values[key]] for key in values))
    chosen = [{key: value for key, value in zip(values, row, strict=True) if value is not None} for row in every]
    yield from sorted(chosen, key=len)


def condition(owners: frozenset[int], answers: Sequence[Answers], texts_of: Sequence[int]) -> str:
    """Return the Jinja expression that holds for the answers whose text is one of `owners`, and for no others."""
    wanted = {row for row, text in enumerate(texts_of) if text in owners}
    parts = []
    for chosen in conjunctions(answers):
        rows = {row for row, given in enumerate(answers) if chosen.items() <= given.items()}
        if rows and rows <= wanted:
            parts.append((rows, chosen))
    terms = []
    while wanted:
        rows, chosen = max(parts, key=lambda part: len(part[0] & wanted))
        wanted -= rows
        terms.append(" and ".join(f'cookiecutter.{key} == "{value}"' for key, value in chosen.items()))
    return " or ".join(terms)


def merged_template(variants: Sequence[tuple[Answers, str]]) -> str:
    """Return the template of these lockfiles.

    variants: all answers that can be given, with the lockfile that belongs to them; every text ends with a newline.
    """
    texts = list(dict.fromkeys(text for _, text in variants))
    answers = [given for given, _ in variants]
    texts_of = [texts.index(text) for _, text in variants]
    everywhere = frozenset(range(len(texts)))
    lines: list[str] = []
    for owners, group in groupby(aligned(texts), key=lambda entry: entry[1]):
        block = [line for line, _ in group]
        if owners == everywhere:
            lines += block
        else:
            lines += [f"{{% if {condition(owners, answers, texts_of)} %}}", *block, "{% endif %}"]
    return "\n".join(lines) + "\n"
