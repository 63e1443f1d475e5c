"""The repository's README and docs/: every page is found, every link leads somewhere, the tree is the default bake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from parts import parts
from support.baking import ROOT, Bake

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
READ = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
WIDEST_CELL = 120  # characters; results/ are tables of figures


def links(page: Path) -> list[str]:
    """Return the target of every link and picture of a page that is no address."""
    targets = []
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")):
        for child in token.children or []:
            target = child.attrGet("href") or child.attrGet("src")
            if target and "://" not in str(target):
                targets.append(str(target).partition("#")[0])
    return targets


def name(page: Path) -> str:
    """Return a test id."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_the_index_names_every_page() -> None:
    """Recipes have an index of their own. A part of `make test-all` that ran for the first time has its page anyway."""
    indexes = [DOCS / "README.md", DOCS / "recipes" / "README.md"]
    named = {(index.parent / target).resolve() for index in indexes for target in links(index)}
    named |= {part.page for part in parts()}
    assert [name(page) for page in DOCS.rglob("*.md") if page not in named and page != DOCS / "README.md"] == []
    assert "docs/README.md" in links(ROOT / "README.md")


def test_no_picture_is_left_over() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in links(page)}
    pictures = [path for path in DOCS.rglob("*") if path.suffix in (".svg", ".png")]
    assert {path.suffix for path in pictures} == {".svg", ".png"}
    assert [name(picture) for picture in pictures if picture not in shown] == []


@pytest.mark.parametrize("page", READ, ids=name)
def test_cells_can_be_read(page: Path) -> None:
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [cell for row in rows for cell in row.strip("|").split(" | ")]
    assert [cell for cell in cells if len(cell.strip()) > WIDEST_CELL] == []


def test_the_readmes_tree_is_the_default_project(bake: Bake) -> None:
    """Each name exists, and each file is named or lies in a folder that is."""
    block = (
        (ROOT / "README.md").read_text(encoding="utf-8").split("```text\nnode-multi-stage-app/\n")[1].split("```")[0]
    )
    named = [
        entry for line in block.splitlines() for entry in re.split(r"  +", line.strip()) if re.match(r"\S+$", entry)
    ]
    project = bake()
    assert [entry for entry in named if not (project.path / entry).exists()] == []
    folders = tuple(entry for entry in named if entry.endswith("/"))
    assert [path for path in project.files if path not in named and not path.startswith(folders)] == []
