"""The JavaScript and the TypeScript of a project are the same program, and each variant has all its files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

import javascript
from support.baking import BIN, ROOT
from support.combinations import CHOICES, Answers

TEMPLATES = ROOT / "templates"
SETTINGS = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
NODE = str(BIN / "node")
SCRIPT = str(ROOT / "tests/support/same_program.cjs")


def files(language: str, extension: str) -> set[str]:
    """Return the variant files of a language, relative to its folder, without their extension."""
    folder = TEMPLATES / language
    return {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob(f"*.{extension}")}


def differences(pairs: list[tuple[Path, Path]]) -> list[str]:
    """Return for each TypeScript and JavaScript file that are not the same program where they differ."""
    result = subprocess.run(
        [NODE, "--no-warnings", "--expose-internals", SCRIPT],
        input=json.dumps([[str(path) for path in pair] for pair in pairs]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: list[str] = json.loads(result.stdout)
    return found


def test_both_languages_have_the_same_files() -> None:
    """A file that one language lacks would only show when somebody chooses it."""
    assert files("javascript", "js") == files("typescript", "ts")


@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_every_framework_has_its_files(framework: str) -> None:
    """What a framework must bring; the rest is shared by all."""
    assert {f"{framework}/src/app", f"{framework}/src/routes"} <= files("javascript", "js")


def test_javascript_is_current() -> None:
    """Types removed and formatted as the project's owner would: exactly the committed files."""
    assert javascript.stale() == [], "make javascript writes them anew"


def copied_templates(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the variant files that a test may spoil."""
    for language in ("typescript", "javascript"):
        shutil.copytree(TEMPLATES / language, folder / language)
    monkeypatch.setattr(javascript, "TEMPLATES", folder)
    return folder


def test_what_is_not_current_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blank line too many, a file without a source, a source that was edited alone, one that is not formatted."""
    copy = copied_templates(tmp_path, monkeypatch)
    changes = {
        "javascript/express/src/app.js": ("\n\n", "\n\n\n"),
        "typescript/http/src/app.ts": ("405", "406"),
        "typescript/fastify/src/app.ts": ("const app = ", "const app  =  "),
    }
    for name, change in changes.items():
        path = copy / name
        path.write_text(path.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    (copy / "javascript/left-over.js").touch()
    assert javascript.stale() == [
        "templates/javascript/express/src/app.js",
        "templates/javascript/http/src/app.js",
        "templates/javascript/left-over.js",
        "templates/typescript/fastify/src/app.ts",
    ]
    javascript.write()
    assert javascript.stale() == []


def rendered(folder: Path, answers: Answers) -> list[tuple[Path, Path]]:
    """Write every variant file as these answers make it, below a folder; return the pairs of both languages."""
    environment = Environment(  # noqa: S701  # no HTML is made
        loader=FileSystemLoader(TEMPLATES), keep_trailing_newline=True, **SETTINGS["_jinja2_env_vars"]
    )
    pairs = []
    for name in sorted(files("typescript", "ts") & files("javascript", "js")):
        pair = (folder / f"typescript/{name}.ts", folder / f"javascript/{name}.js")
        for path in pair:
            path.parent.mkdir(parents=True, exist_ok=True)
            template = environment.get_template(path.relative_to(folder).as_posix())
            path.write_text(template.render(cookiecutter=answers), encoding="utf-8")
        pairs.append(pair)
    return pairs


@pytest.mark.parametrize("framework", CHOICES["framework"])
@pytest.mark.parametrize("database", CHOICES["database"])
def test_typescript_is_the_javascript_with_types(tmp_path: Path, framework: str, database: str) -> None:
    """Types erased, both are the same statements and comments in the same order, whatever lines the answers choose."""
    pairs = rendered(tmp_path, {"framework": framework, "database": database})
    assert len(pairs) > 30
    assert not differences(pairs)


PLAIN = "// One.\nimport { b } from './b.js';\nexport const c = b(1, 'x');\nb(c);\n"
TYPED = "// One.\nimport { b } from './b.ts';\nexport const c: string = b(\n  1,\n  ('x' as string),\n);\nb(c);\n"


@pytest.mark.parametrize("change", [("1", "2"), ("'x'", "'y'"), ("One", "Two"), ("/b.ts", "/c.ts"), ("b(c);", "")])
def test_a_difference_is_found(tmp_path: Path, change: tuple[str, str]) -> None:
    """The comparison itself works: types, line breaks and extensions do not count, everything else does."""
    (tmp_path / "a.js").write_text(PLAIN, encoding="utf-8")
    pairs = [(tmp_path / "a.ts", tmp_path / "a.js")]
    (tmp_path / "a.ts").write_text(TYPED, encoding="utf-8")
    assert not differences(pairs)
    (tmp_path / "a.ts").write_text(TYPED.replace(*change), encoding="utf-8")
    assert len(differences(pairs)) == 1


def test_no_comment_is_left_of_types_that_went() -> None:
    """A block comment describes what follows it on the next line; a blank one means that it was a type."""
    for path in TEMPLATES.glob("javascript/**/*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\*/\n(\n|\Z)", text), path


def test_variant_files_say_their_job_and_hold_no_template_syntax() -> None:
    """They are plain files: Jinja reads lines that begin with `//%`, and would read `{{`, `{%` or `{#` as its own."""
    for path in [*TEMPLATES.glob("javascript/**/*.js"), *TEMPLATES.glob("typescript/**/*.ts")]:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// "), path
        assert not re.search(r"\{[{%#]", text), path
