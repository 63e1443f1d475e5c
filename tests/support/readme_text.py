"""Reads Markdown as a person sees it, with the parser that rich brings along."""

from __future__ import annotations

from markdown_it import MarkdownIt

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown_text(markdown: str) -> list[str]:
    """Return the text of every heading, paragraph and cell that is nothing but text."""
    shown = []
    for token in GITHUB.parse(markdown):
        children = token.children or []
        if token.type == "inline" and all(child.type in ("text", "text_special") for child in children):
            shown.append("".join(child.content for child in children))
    return shown


def fenced_blocks(markdown: str, language: str) -> list[str]:
    """Return the contents of every fenced block in a language, such as yaml, in order."""
    return [token.content for token in GITHUB.parse(markdown) if token.type == "fence" and token.info == language]
