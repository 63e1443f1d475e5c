"""Where the engine's packages and the stand-ins come from: apt sources, requests, unfinished downloads."""

from __future__ import annotations

import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from engine import base_images, databases, packages, recipes, sources, steps
from engine.machine import Paths
from engine.steps import EngineError

LIST = """\
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/own.gpg] http://mirror.example/debian bookworm main contrib # trailing
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm-updates main
deb http://third.example/tool bookworm main
"""
DEB822 = """\
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
"""


def test_one_line_sources_are_read_with_their_options() -> None:
    found = sources.parse_list(LIST)
    assert [source.uris[0] for source in found] == [
        "http://mirror.example/debian",
        "http://mirror.example/debian",
        "http://third.example/tool",
    ]
    assert found[0].components == ("main", "contrib")
    assert found[0].options == {"Signed-By": "/keys/own.gpg"}


def test_deb822_sources_are_read_and_written_again_with_an_embedded_key() -> None:
    (found,) = sources.parse_deb822(DEB822)
    assert found.suites == ("bookworm", "bookworm-updates")
    assert "\n abc" in found.options["Signed-By"]
    assert sources.parse_deb822(found.stanza()) == [found]


def test_the_machines_own_archive_is_the_one_with_updates(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://third.example/tool bookworm main\n")
    (parts / "debian.sources").write_text(DEB822)
    (parts / "old.list.save").write_text("deb http://saved.example/debian bookworm main\n")
    found = sources.machine_sources(tmp_path)
    assert all("saved" not in source.uris[0] for source in found)
    own = sources.archive(found, "bookworm")
    assert own is not None
    assert own.uris == ("http://mirror.example/debian",)
    assert own.suites == ("bookworm",)
    assert sources.archive(found, "trixie") is None


def test_debian_12_takes_its_engine_from_the_next_release_and_runc_from_its_own() -> None:
    wanted = packages.request({"ID": "debian", "VERSION_CODENAME": "bookworm"}, sources.parse_deb822(DEB822))
    assert re.findall("^Suites: (.*)", wanted.sources, re.M) == [
        "bookworm",
        "bookworm-updates",
        "trixie",
        "trixie-updates",
    ]
    pinned = re.findall("^Package: (.*)", wanted.preferences, re.M)[1].split()
    assert "docker.io" in pinned
    assert not {"runc", "tini", "containerd"}.intersection(pinned)


def test_ubuntu_and_debian_13_use_their_own_archive_only() -> None:
    ubuntu = sources.parse_list("deb http://m.example/u noble main\ndeb http://m.example/u noble universe\n")
    wanted = packages.request({"ID": "ubuntu", "VERSION_CODENAME": "noble"}, ubuntu)
    assert "docker-compose-v2" in wanted.names
    assert "Components: universe" in wanted.sources
    debian = sources.parse_list("deb http://m.example/d trixie main\n")
    wanted = packages.request({"ID": "debian", "VERSION_CODENAME": "trixie"}, debian)
    assert wanted.sources.count("Suites: trixie\n") == 1
    assert wanted.preferences == ""


def test_a_machine_without_its_own_archive_is_refused() -> None:
    with pytest.raises(EngineError, match="name no archive for bookworm"):
        packages.request({"ID": "debian", "VERSION_CODENAME": "bookworm"}, [])


def test_packages_are_complete_or_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Paths(tmp_path / "engine")
    paths.root.mkdir(parents=True)
    (paths.root / "old").touch()
    monkeypatch.setattr(packages, "request", lambda *_: packages.Request(("one",), "", ""))

    def interrupted(_wanted: packages.Request, work: Path) -> list[Path]:
        (work / "root").mkdir(parents=True)
        raise steps.Interrupted(signal.SIGTERM)

    monkeypatch.setattr(packages, "fetch", interrupted)
    with pytest.raises(steps.Interrupted):
        packages.ensure(paths)
    assert [path.name for path in paths.base.iterdir()] == ["root"]
    assert (paths.root / "old").exists()


def test_node_files_are_complete_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Paths(tmp_path / "engine")

    def interrupted(_package: str, work: Path) -> Path:
        (work / "half.tgz").touch()
        raise steps.Interrupted(signal.SIGINT)

    monkeypatch.setattr(base_images, "npm_pack", interrupted)
    with pytest.raises(steps.Interrupted):
        base_images.node_files(paths, recipes.NODE["26"])
    assert not list(paths.base.rglob("*.tgz"))
    assert not (paths.base / "node").exists()


def test_a_changed_recipe_is_another_stand_in() -> None:
    every = recipes.recipes()
    assert len({recipe.mark for recipe in every.values()}) == len(every) == 10
    recipe = every["node:26-trixie-slim"]
    changed = recipes.Recipe(recipe.image, recipe.line, recipe.dockerfile + "\n")
    assert changed.hash != recipe.hash
    assert changed.mark.rpartition(":")[0] == recipe.mark.rpartition(":")[0]


def test_the_images_that_can_be_named_are_base_images_and_databases() -> None:
    base, of_databases = databases.choose("all")
    assert base == base_images.choose("all")
    assert of_databases == ["postgres:18", "postgres:17"]
    assert databases.choose("postgres:18,node:26-trixie") == (["node:26-trixie"], ["postgres:18"])
    assert databases.choose("") == ([], [])
    with pytest.raises(EngineError, match="no such base image: postgres:9"):
        databases.choose("postgres:9")


def test_a_changed_recipe_of_a_database_is_another_stand_in() -> None:
    newest, older = databases.known().values()
    assert newest.mark.partition(":")[0] == "node-multi-stage-stand-in/postgres_18"
    assert newest.hash != older.hash
    assert replace(newest, dockerfile=newest.dockerfile + "\n").hash != newest.hash


def test_postgres_files_are_complete_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Paths(tmp_path / "engine")

    def interrupted(*_arguments: object, **_options: object) -> str:
        raise steps.Interrupted(signal.SIGINT)

    monkeypatch.setattr(databases, "call", interrupted)
    with pytest.raises(steps.Interrupted):
        databases.postgres_files(paths, "18.6.0")
    assert not (paths.base / "postgres").exists()
