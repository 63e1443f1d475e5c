"""A good template is small, because somebody owns every line: what the default project may hold at most."""

from __future__ import annotations

import re

import pytest

from baking import ROOT, BakedProject
from conftest import Bake


def lines(text: str) -> int:
    """Return the number of lines."""
    return len(text.splitlines())


@pytest.fixture
def project(bake: Bake) -> BakedProject:
    """The default answers."""
    return bake()


def test_number_of_files(project: BakedProject) -> None:
    assert len(project.files) <= 28


@pytest.mark.parametrize(("path", "limit"), [("Dockerfile", 80), ("Makefile", 150), ("scripts/doctor.sh", 60)])
def test_length_of_a_file(project: BakedProject, path: str, limit: int) -> None:
    assert lines(project.read(path)) <= limit


def test_minimal_root_file_system(project: BakedProject) -> None:
    stage = re.search(r"^FROM base AS rootfs\n(.*?)^FROM ", project.read("Dockerfile"), re.MULTILINE | re.DOTALL)
    assert stage is not None
    assert 5 < lines(stage[1].rstrip()) <= 25


def test_sources(project: BakedProject) -> None:
    assert sum(lines(project.read(path)) for path in project.files if path.startswith("src/")) <= 300


def test_helper_scripts(project: BakedProject) -> None:
    assert len([path for path in project.files if path.startswith("scripts/")]) <= 2


def test_post_gen_hook() -> None:
    assert lines((ROOT / "hooks" / "post_gen_project.py").read_text(encoding="utf-8")) <= 80
