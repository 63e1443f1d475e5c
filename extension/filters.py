"""Jinja filters: how an answer is written so that each kind of file shows exactly what was given."""

from __future__ import annotations

import json
import re


def json_string(value: str) -> str:
    """Return the text as a JSON string with its quotes, in UTF-8 rather than in escapes."""
    return json.dumps(value, ensure_ascii=False)


def markdown_text(value: str) -> str:
    """Return one line of text so that Markdown shows exactly its characters (CommonMark 2.4)."""
    escaped = re.sub(r"([\\`*_\[\]<>&#|~$])", r"\\\1", value)
    return re.sub(r"^(\d+(?=[.)])|(?=[-+=]))", r"\1\\", escaped)


def default_port(text: str, port: str) -> str:
    """Return the text with the number 3000 replaced by the port, and 30000 or 3000x left alone."""
    return re.sub(r"\b3000\b", port, text)


def sorted_yarn_lock(text: str) -> str:
    """Return a yarn.lock with its blocks in yarn's order: by name, whatever the project in it is called.

    `yarn install --immutable` refuses any other order. Blocks are separated by an empty line; the first two are
    the header and the metadata.
    """
    header, metadata, *blocks = text.rstrip("\n").split("\n\n")
    return "\n\n".join([header, metadata, *sorted(blocks, key=lambda block: block.lstrip('"'))]) + "\n"


FILTERS = {f.__name__: f for f in (json_string, markdown_text, default_port, sorted_yarn_lock)}
