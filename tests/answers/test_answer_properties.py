"""Property tests: any text is either refused with one line, or baked, parsed and found again."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extension import filters, rules
from support.baking import tree
from support.literal_baking import LiteralBake
from support.readme_text import shown_text

# Text of every kind, and text that is likely to mean something to one of the files it lands in.
TEXT = st.one_of(
    st.text(max_size=90),
    st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), max_size=90),
    st.text(st.sampled_from("\\`*_[]<>&#|~$'\"{}()!:;%@+-=./ 1a\u05d0\n"), max_size=90),
)
SLUG_LIKE = st.one_of(
    st.from_regex(rules.SLUG, fullmatch=True),
    st.text(st.sampled_from("ab1-"), max_size=53),
    st.sampled_from(sorted(rules.RESERVED_SLUGS)),
    st.text(max_size=60),
)


def assert_one_line(refusal: FailedHookException) -> None:
    """The whole message is one line of printable characters, however long the answer was."""
    line = str(refusal)
    assert line.isprintable()
    assert " is refused: " in line
    assert len(line) < 400


@settings(max_examples=100)
@given(project_name=TEXT, description=TEXT, author=TEXT)
@example(project_name="{{ 7 * 7 }}", description="{% raw %}", author="{# gone #}")
@example(project_name="\\", description='"', author="'")
def test_free_text_is_refused_or_round_trips(
    literal_bake: LiteralBake, project_name: str, description: str, author: str
) -> None:
    """By package.json with two parsers, by the README as a reader sees it, by LICENSE."""
    answers = {"project_name": project_name, "description": description, "author": author}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        try:
            project = literal_bake(out, answers)
        except FailedHookException as refusal:
            assert_one_line(refusal)
            assert not tree(out)
            return
        package = project.read("package.json")
        for parsed in (json.loads(package), yaml.safe_load(package)):
            assert (parsed["description"], parsed.get("author", "")) == (description, author)
        assert {project_name, description} - {""} <= set(shown_text(project.read("README.md")))
        assert f"Copyright (c) {author or project_name}\n" in project.read("LICENSE")


@settings(max_examples=200)
@given(value=SLUG_LIKE)
def test_a_slug_is_refused_or_is_one_name_for_everything(value: str) -> None:
    """Folder, npm package, image, container and DNS label at once (RFC 1123: at most 63 characters)."""
    try:
        rules.check_slug("project_slug", value)
    except FailedHookException as refusal:
        assert_one_line(refusal)
        return
    assert value.isascii()
    assert value == value.lower()
    assert value.replace("-", "").isalnum()
    assert value[0].isalpha()
    assert value[-1] != "-"
    assert "--" not in value
    assert 2 <= len(value) <= 50
    assert value not in rules.RESERVED_SLUGS


@settings(max_examples=300)
@given(name=st.text(max_size=120))
@example(name="&#x110000;")
@example(name="-" * 80)
@example(name="a" + "-b" * 40)
def test_every_name_has_an_acceptable_default_slug(name: str) -> None:
    """So that --no-input never stops at a slug that the user did not write."""
    rules.check_slug("project_slug", rules.slug(name))


@settings(max_examples=300)
@given(value=TEXT)
@example(value="n" * 81)
@example(value="\u200b")
@example(value="\n")
def test_a_suggestion_is_itself_acceptable(value: str) -> None:
    """A line that suggests another bad answer would be worse than none."""
    for check, key in ((rules.check_text, "project_name"), (rules.check_slug, "project_slug")):
        suggested: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rules, "refuse", lambda *call, into=suggested: into.extend(call[3:]))
            check(key, value)
        for suggestion in filter(None, suggested):
            check(key, suggestion)


@settings(max_examples=300)
@given(value=TEXT.filter(lambda text: text and not rules.text_rule("description", text)))
@example(value="1. a")
@example(value="12) a")
@example(value="# a #")
@example(value="=")
@example(value="- - -")
def test_markdown_shows_the_text_and_nothing_else(value: str) -> None:
    """As a paragraph, after one, as a heading and in a table cell."""
    escaped = filters.markdown_text(value)
    page = f"# {escaped}\n\n{escaped}\n\nbefore\n\n{escaped}\n\n| a |\n| --- |\n| {escaped} |\n"
    assert shown_text(page) == [value, value, "before", value, "a", value]


@given(value=st.integers(-10, 70000).map(str) | st.text(max_size=8))
@example(value="1023")
@example(value="1024")
def test_a_port_is_refused_or_is_that_number(value: str) -> None:
    """Decimal, unprivileged, in one spelling."""
    try:
        rules.check_port("port", value, {})
    except FailedHookException as refusal:
        assert_one_line(refusal)
        return
    assert value == str(int(value))
    assert 1024 <= int(value) <= 65535
