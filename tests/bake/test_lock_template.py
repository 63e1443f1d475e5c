"""The template of many lockfiles gives each of them back, byte for byte."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from lock_template import merged_template

ANSWERS = [
    {"database": database, "language": language}
    for database, language in product(("none", "sqlite", "postgres"), ("javascript", "typescript"))
]
# Blocks as lockfiles have them: a name, and lines below it that other blocks have too.
BLOCKS = st.lists(
    st.sampled_from(["  a {\n    1\n  }\n", "  b:\n    1\n    2\n", "  b:\n    1\n\n", "  c\n"]), max_size=6
)


def given_back(template: str, answers: dict[str, str]) -> str:
    """Render as cookiecutter does."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    return environment.from_string(template).render(cookiecutter=answers)


@given(st.lists(BLOCKS, min_size=len(ANSWERS), max_size=len(ANSWERS)))
def test_every_lockfile_comes_back(lockfiles: list[list[str]]) -> None:
    texts = ["packages:\n" + "".join(blocks) for blocks in lockfiles]
    template = merged_template(list(zip(ANSWERS, texts, strict=True)))
    assert [given_back(template, answers) for answers in ANSWERS] == texts


def test_what_all_share_stands_once_and_without_a_condition() -> None:
    texts = ["a\nb\nc\n" if answers["database"] == "postgres" else "a\nc\n" for answers in ANSWERS]
    template = merged_template(list(zip(ANSWERS, texts, strict=True)))
    assert template == 'a\n{% if cookiecutter.database == "postgres" %}\nb\n{% endif %}\nc\n'


def test_answers_that_cannot_be_given_need_no_condition() -> None:
    """Here sqlite is only given with JavaScript, so one word is enough."""
    possible = [answers for answers in ANSWERS if answers != {"database": "sqlite", "language": "typescript"}]
    texts = ["a\nb\n" if answers["database"] == "sqlite" else "a\n" for answers in possible]
    template = merged_template(list(zip(possible, texts, strict=True)))
    assert '{% if cookiecutter.database == "sqlite" %}' in template
