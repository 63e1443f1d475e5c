"""A folder says what it needs: helpers have one home, and only tests/docker talks to an engine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from support.baking import ROOT

TESTS = ROOT / "tests"


def imports_of(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_test_module_is_imported() -> None:
    """What two modules need is a helper; conftest.py holds fixtures alone."""
    modules = {path.stem for path in TESTS.rglob("*.py") if path.stem.startswith("test_") or path.stem == "conftest"}
    for path in TESTS.rglob("*.py"):
        borrowed = [name for name in imports_of(path) if modules & set(name.split("."))]
        assert not borrowed, path


def test_only_the_docker_folder_uses_the_engine() -> None:
    """The docker SDK outside of tests/docker and of its helpers would need an engine in the fast tier."""
    for path in TESTS.rglob("test_*.py"):
        if path.is_relative_to(TESTS / "docker"):
            continue
        # How the SDK reads a .dockerignore needs no engine.
        used = [name for name in imports_of(path) if re.match(r"docker\b(?!\.utils\.build)", name)]
        assert not used, path
        marked = re.search(r"\bmark\.docker\b", path.read_text(encoding="utf-8"))
        assert marked is None or path == Path(__file__), path
