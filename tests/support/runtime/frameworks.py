"""The answers whose service the whole suite meets: every framework, both languages, the minimal image."""

from __future__ import annotations

import pytest

from support.combinations import CHOICES

VARIANTS: list[dict[str, str]] = [
    {"framework": "express", "language": "javascript"},
    {"framework": "fastify", "language": "typescript"},
    {"framework": "http", "language": "javascript"},
]

# A new framework must not go untested in silence.
untested = set(CHOICES["framework"]) - {given["framework"] for given in VARIANTS}
assert not untested, f"VARIANTS in {__file__} lacks {untested}"
assert {given["language"] for given in VARIANTS} == set(CHOICES["language"])


def label(answers: dict[str, str]) -> str:
    """Return a readable test id, such as `express-javascript`."""
    return f"{answers['framework']}-{answers['language']}"


# For what the engine, or a file that all variants share, decides alone.
one_framework = pytest.mark.parametrize("service", VARIANTS[:1], ids=label, indirect=True)
