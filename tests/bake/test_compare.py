"""What scripts/compare.mjs takes for installed, and need not be in the production image as a folder."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.baking import ROOT, node, not_on_windows

SCRIPT = ROOT / "{{cookiecutter.project_slug}}/scripts/compare.mjs"


def looked(project: Path, dependencies: dict[str, str], files: dict[str, str]) -> dict[str, Any]:
    """Return what the test image notes about a project with these files."""
    manifest = json.dumps({"dependencies": dependencies})
    for name, text in {"src/server.js": "", "package.json": manifest, **files}.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    command = [node(), "--input-type=module", "--eval", SCRIPT.read_text(encoding="utf-8")]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    noted: dict[str, Any] = json.loads(result.stdout)
    return noted


def test_folders_of_packages_are_installed(tmp_path: Path) -> None:
    """Also what explains or patches them beside, and a folder that git does not know."""
    dependencies = {"a": "file:./vendor/a.tgz", "b": "file:vendor/deep/b.tar.gz", "c": "file:packages/c", "d": "*"}
    files = {
        "vendor/a.tgz": "",
        "vendor/deep/b.tar.gz": "",
        "vendor/deep/README.md": "",
        "packages/README.md": "",
        "packages/a.patch": "",
        "packages/c/package.json": '\ufeff{ "name": "c" }',
        "packages/group/d/package.json": '{ "name": "d" }',
    }
    (tmp_path / "empty").mkdir()
    assert looked(tmp_path, dependencies, files)["paths"] == []


def test_other_folders_are_named(tmp_path: Path) -> None:
    files = {
        "archives/data.tar.gz": "",
        "fixtures/broken/package.json": "{",
        "plugins/package.json": '{ "name": "nobody-depends-on-it" }',
        "views/page.html": "",
    }
    named = looked(tmp_path, {"a": "file:./vendor/a.tgz"}, files)["paths"]
    assert sorted(named) == ["archives/", "fixtures/", "plugins/", "views/"]


@not_on_windows("links")
@pytest.mark.parametrize(("more", "named"), [({}, ["shared/", "src/views"]), ({"tsconfig.json": "{}"}, ["shared/"])])
def test_links_in_sources_are_named_where_these_are_shipped(
    tmp_path: Path, more: dict[str, str], named: list[str]
) -> None:
    """The copy in dist has what links lead to (scripts/assets.mjs); sources that are copied have the link alone."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "views").symlink_to("../shared")
    assert looked(tmp_path, {}, {"shared/page.html": "", **more})["paths"] == named


def test_how_packages_load(tmp_path: Path) -> None:
    sources = {
        "fine": "setInterval(() => {}, 1000); console.log('loaded');",
        "broken": "throw new TypeError('planted');",
        "ends": "process.exit(3);",
    }
    files = {f"node_modules/{name}/index.js": source for name, source in sources.items()}
    packages = looked(tmp_path, dict.fromkeys(sources, "1.0.0"), files)["packages"]
    assert packages == {"fine": "loads", "broken": "TypeError: planted", "ends": "exits with 3"}
