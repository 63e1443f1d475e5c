"""The parts of `make test-all`: every long test is in one, a run counts until something that it covers changes."""

from __future__ import annotations

from pathlib import Path

import pytest

import parts
from parts import Case, Part
from support.baking import ROOT


def test_every_long_test_is_in_exactly_one_part() -> None:
    """By file; the combinations' file is divided by framework."""
    long = [f.relative_to(ROOT).as_posix() for f in (ROOT / "tests").rglob("test_*.py") if parts.is_long(f)]
    assert len(long) > 10
    for file in long:
        holders = [part.name for part in parts.parts() if not part.module and file.startswith(part.tests)]
        assert len(holders) == (3 if "test_combinations" in file else 1), (file, holders)


@pytest.mark.parametrize(
    ("file", "long"),
    [
        ("data/test_kills.py", True),
        # The mark comes from what its fixture takes from tests/support, and from what that of its conftest.py does.
        ("metrics/test_metrics.py", True),
        ("pages/test_files.py", True),
        ("runtime/test_answers.py", False),
    ],
)
def test_what_makes_a_module_long(file: str, long: bool) -> None:
    assert parts.is_long(ROOT / "tests" / "docker" / file) == long


def test_a_part_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert parts.main(["comp"]) == 2
    assert capsys.readouterr().err.startswith("No part comp. Parts: combinations-express, ")


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Part:
    """A part whose page is written elsewhere, and whose one test passes."""
    monkeypatch.setattr(parts, "RESULTS", tmp_path)
    monkeypatch.setattr(parts, "WORKERS", "0")
    return Part("a-part", ("tests/bake/test_reading.py",), ("-k", "width"))


def test_a_run_counts_until_what_it_covers_changes(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not parts.counts(part)
    assert parts.run(part)
    assert parts.counts(part)
    assert "1 passed" in part.page.read_text()
    monkeypatch.setattr(parts, "tree_hash", lambda _: 1)
    assert not parts.counts(part)


@pytest.mark.parametrize("options", [("-k", "nosuchtest"), ("--no-such-option",)])
def test_a_run_in_which_nothing_ran_has_failed(part: Part, options: tuple[str, ...]) -> None:
    idle = Part(part.name, part.tests, options)
    assert not parts.run(idle)
    assert not parts.counts(idle)
    assert "no test ran" in part.page.read_text()


def test_the_page_names_what_failed_and_each_combination() -> None:
    row = {"combination": "http-javascript-npm-26-slim-none", "image_mb": "9"}
    found = [Case("a: test_b", "test_b[x]", "passed", 1.0, row), Case("a: test_b", "test_b[y]", "failure", 2.0, {})]
    text = parts.page(Part("a-part", ("tests/bake/",)), found, 1.0)
    assert "1 failure, 1 passed" in text
    assert "| a: test_b | 1 | 1 | 3 |" in text
    assert "| http | javascript | npm | 26 | slim | none | passed | 9 |  |  |" in text


def test_the_page_names_each_batch_of_packages() -> None:
    row = {"batch": "natives", "answers": "default", "names": "sharp 1.2.3", "packages": "1", "foreign_mb": "0.0"}
    text = parts.page(Part("a-part", ("tests/bake/",)), [Case("a: test_b", "test_b[x]", "passed", 1.0, row)], 1.0)
    assert "| natives | passed | default | 1 |  |  |  |  |  | 0.0 |  |" in text
    assert "- **natives**: sharp 1.2.3" in text


def test_the_page_tells_each_fault_of_the_drill() -> None:
    row = {"client": "500", "log": "a | b" + "c" * 500, "container": "runs on"}
    case = Case("a: test_tmp_is_full", "test_tmp_is_full[80 MB]", "passed", 1.0, row)
    text = parts.page(Part("a-part", ("tests/bake/",)), [case], 1.0)
    assert "| tmp is full 80 MB | 500 | `a \\| bccc" in text
    assert "c …` | runs on |" in text


REPORT = """<testsuites><testsuite><testcase classname="tests.test_soak" name="test_soak[one | core]" time="1">
<properties><property name="measured" value="first"/><property name="measured" value="a | b"/></properties>
</testcase></testsuite></testsuites>"""


def test_the_page_shows_every_figure_that_a_run_recorded(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    text = parts.page(Part("a-part", ("tests/bake/",)), parts.cases(report), 1.0)
    assert "| soak one core | first |\n| soak one core | a \\| b |" in text
