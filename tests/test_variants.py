"""The JavaScript and the TypeScript of a project are the same program, and each variant has all its files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from baking import ROOT

TEMPLATES = ROOT / "templates"
NODE = Path(sys.executable).parent / "node"
FRAMEWORKS: list[str] = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))["framework"]


def files(language: str, extension: str) -> set[str]:
    """Return the variant files of a language, relative to its folder, without their extension."""
    folder = TEMPLATES / language
    return {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob(f"*.{extension}")}


def difference(typescript: Path, javascript: Path) -> str:
    """Return the first part in which two programs differ, the empty text if they do not."""
    command = [NODE, "--no-warnings", "--expose-internals", ROOT / "tests/same_program.cjs", typescript, javascript]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    assert not result.stderr, result.stderr
    return result.stdout


def test_both_languages_have_the_same_files() -> None:
    """A file that one language lacks would only show when somebody chooses it."""
    assert files("javascript", "js") == files("typescript", "ts") != set()


def test_every_framework_has_its_files() -> None:
    """What a framework must bring; the rest is shared by all."""
    for framework in FRAMEWORKS:
        for name in ("src/app", "src/routes"):
            assert f"{framework}/{name}" in files("javascript", "js")


@pytest.mark.parametrize("name", sorted(files("typescript", "ts")))
def test_typescript_is_the_javascript_with_types(name: str) -> None:
    """Types erased, both are the same statements and comments in the same order."""
    assert difference(TEMPLATES / f"typescript/{name}.ts", TEMPLATES / f"javascript/{name}.js") == ""


def test_a_difference_is_found(tmp_path: Path) -> None:
    """The comparison itself works: types, line breaks and extensions do not count, everything else does."""
    javascript = tmp_path / "a.js"
    typescript = tmp_path / "a.ts"
    javascript.write_text("// One.\nimport { b } from './b.js';\nexport const c = b(1, 'x');\n", encoding="utf-8")
    same = "// One.\nimport { b } from './b.ts';\nexport const c: string = b(\n  1,\n  ('x' as string),\n);\n"
    typescript.write_text(same, encoding="utf-8")
    assert difference(typescript, javascript) == ""
    for change in (("1", "2"), ("'x'", "'y'"), ("One", "Two"), ("./b.ts", "./c.ts")):
        typescript.write_text(same.replace(*change), encoding="utf-8")
        assert difference(typescript, javascript) != "", change


def test_variant_files_say_their_job_and_hold_no_template_syntax() -> None:
    """They are plain files: Jinja would read `{{`, `{%` or `{#` in them as its own."""
    for path in [*TEMPLATES.glob("javascript/**/*.js"), *TEMPLATES.glob("typescript/**/*.ts")]:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// "), path
        assert not re.search(r"\{[{%#]", text), path
