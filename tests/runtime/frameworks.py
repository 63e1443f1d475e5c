"""The answers whose service the whole suite meets: every framework, both languages, the minimal image."""

from __future__ import annotations

VARIANTS: list[dict[str, str]] = [
    {"framework": "express", "language": "javascript"},
    {"framework": "fastify", "language": "typescript"},
    {"framework": "http", "language": "javascript"},
]


def label(answers: dict[str, str]) -> str:
    """Return a readable test id, such as `express-javascript`."""
    return f"{answers['framework']}-{answers['language']}"
