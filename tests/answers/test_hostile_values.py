"""Hostile text is data: kept exactly, in four files, and code in none."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from support.baking import NEEDS_MAKE, ROOT, node, tree
from support.combinations import pairwise_cover
from support.fakes import Fakes
from support.literal_baking import TEXT_FILES, LiteralBake
from support.odd_inputs import HOSTILE, LONG, WORST

HARMLESS = {"project_name": "name", "description": "text", "author": "me", "project_slug": "a-project"}


@pytest.mark.parametrize("number", range(6))
def test_free_text_is_where_it_is_shown_and_nowhere_else(
    number: int, literal_bake: LiteralBake, tmp_path: Path
) -> None:
    """All other files have the same bytes as with harmless text: no Dockerfile, no Makefile, no script."""
    answers = {**pairwise_cover()[number], "project_slug": "a-project"}
    hostile = {"project_name": WORST, "description": LONG, "author": HOSTILE[number]}
    harmless = tree(literal_bake(tmp_path / "harmless", {**HARMLESS, **answers}, template=ROOT).path)
    project = literal_bake(tmp_path / "hostile", {**answers, **hostile}, template=ROOT)
    differing = {name for name, entry in tree(project.path).items() if harmless.get(name) != entry}
    assert differing == set(TEXT_FILES)
    assert harmless.keys() == tree(project.path).keys()


def test_package_json_is_the_same_to_node_and_to_python(literal_bake: LiteralBake, tmp_path: Path) -> None:
    """Every hostile text as description and as author; Node reads them all in one go."""
    folders = []
    for number, text in enumerate(HOSTILE):
        project = literal_bake(tmp_path / str(number), {"description": text, "author": text[::-1].strip()})
        folders.append(str(project.path))
        parsed = json.loads(project.read("package.json"))
        assert (parsed["description"], parsed["author"]) == (text, text[::-1].strip())
        assert yaml.safe_load(project.read("package.json")) == parsed
    script = """
        const folders = JSON.parse(require('fs').readFileSync(0))
        const all = folders.map((f) => require(f + '/package.json')).map((p) => [p.description, p.author])
        console.log(JSON.stringify(all))
    """
    printed = subprocess.run(
        [node(), "-e", script], input=json.dumps(folders), capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert json.loads(printed) == [[text, text[::-1].strip()] for text in HOSTILE]


@NEEDS_MAKE
@pytest.mark.parametrize(
    "name", ["*Star* _bar_ [x](y) <b> `code` &amp; #1 a|b ~~c~~ $d$ \\\\", "1. First", "- List", WORST]
)
def test_the_readme_shows_the_name_as_it_is(literal_bake: LiteralBake, tmp_path: Path, name: str) -> None:
    """Markdown's own characters in it are text."""
    project = literal_bake(tmp_path, {"project_name": name, "project_slug": "a-project"})
    opening, inline = MarkdownIt().parse(project.read("README.md"))[:2]
    assert (opening.tag, opening.map) == ("h1", [0, 1])
    assert {token.type for token in inline.children or []} <= {"text", "text_special"}
    assert "".join(token.content for token in inline.children or []) == name


def test_no_make_target_runs_what_an_answer_says(literal_bake: LiteralBake, tmp_path: Path) -> None:
    """`make --dry-run` expands everything that make would hand to a shell, and runs its `$(shell ...)`."""
    shell = "$(shell touch marker) `touch marker` $(touch marker)"
    hostile = dict.fromkeys(("project_name", "description", "author"), shell)
    project = literal_bake(tmp_path / "out", hostile, template=ROOT)
    before = tree(project.path)
    fakes = Fakes(tmp_path / "fakes")
    fakes.program("docker", "exit 1")
    without_engine = {**os.environ, "PATH": fakes.path}
    help_text = project.make("help")
    assert help_text.returncode == 0
    targets = [line.split()[0] for line in project.read("Makefile").splitlines() if ": " in line and "## " in line]
    names = [name.rstrip(":") for name in targets]
    assert len(names) >= 18
    for name in names:
        dry = project.make_with(without_engine, "--dry-run", name, "PACKAGE=left-pad", "IMAGE=image")
        # The line of `dev` names $(MAKE): make runs it even so.
        assert (dry.returncode == 0) is (name != "dev"), dry.stderr
        assert "touch marker" not in dry.stdout
    assert tree(project.path) == before
    assert not [path for path in (ROOT, Path.cwd(), tmp_path) if (path / "marker").exists()]


def test_the_hook_survives_hostile_text(
    literal_bake: LiteralBake,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its source is rendered with the answers too."""
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    hostile = {"project_name": WORST, "description": LONG, "author": "\"\"\"'''\\"}
    project = literal_bake(tmp_path / "out", hostile, template=ROOT, hooks=True)
    assert project.path.is_dir()
    printed = capfd.readouterr()
    assert "Docker is missing" in printed.out
    assert "Traceback" not in printed.err
    assert printed.out.isascii()
    assert not (project.path / "marker").exists()
