"""Popular packages load in the production image exactly as in the one they were installed in, and do their work."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from support.packages import lists
from support.packages.lists import Batch, Package
from support.packages.trial import prove
from support.running import Record, project_of
from support.slices import members, slice_number

BATCHES = lists.batches()
# Fewer would be no evidence (issue texts ask for as many).
PACKAGES = 150
WORKING = 50
# One of them takes about a minute and a half.
SLICES = 36
# The other package managers bring one.
NODE_GYP = Package("node-gyp", "13.1.0", imports=[])
# Native code that is downloaded, and such as is compiled in the build.
ELSEWHERE = [
    ("natives", {"runtime_image": "slim"}),
    ("natives", {"runtime_image": "distroless"}),
    ("natives", {"node_version": "24"}),
    ("natives", {"node_version": "22"}),
    ("natives", {"package_manager": "pnpm"}),
    ("natives", {"package_manager": "yarn"}),
    ("compiled", {"package_manager": "pnpm"}),
    ("compiled", {"package_manager": "yarn"}),
]


def sliced() -> Batch:
    """Return the packages that this tree's slice holds, some of each kind, and the packages that those need."""
    small = [(b, p) for b in BATCHES for p in b.packages if not p.large]
    number = slice_number(SLICES, os.environ.get("SLICE", ""))
    chosen = lists.with_needed(package for _, package in members(small, number, SLICES))
    scripts = {name: runs for batch in BATCHES for name, runs in batch.scripts.items()}
    return Batch(f"slice {number} of {SLICES}", "", tuple(chosen), scripts)


def check(batch: Batch, folder: Path, client: docker.DockerClient, record: Record, **answers: str) -> None:
    """Prove a batch in a project without other dependencies; what was measured goes into the report."""
    record("batch", batch.name)
    record("names", ", ".join(f"{package.name} {package.version}" for package in batch.packages))
    record("answers", " ".join(answers.values()) or "default")
    with project_of(folder, client, **{"framework": "http", **answers}) as service:
        outcome = prove(service, batch)
    for name, value in outcome.figures.items():
        record(name, value)
    assert outcome.faults == [], "\n".join(outcome.faults)


def test_there_are_enough_of_them() -> None:
    packages = {package.name: package for batch in BATCHES for package in batch.packages}
    assert len(packages) >= PACKAGES
    assert sum(bool(package.work) for package in packages.values()) >= WORKING
    for package in packages.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", package.version), package.name
        assert bool(package.work) == bool(package.prints), package.name


def test_a_program_needs_only_packages_of_the_lists() -> None:
    for batch in BATCHES:
        assert {p.name for p in lists.with_needed(batch.packages)} == {p.name for p in batch.packages}, batch.name


def test_a_slice_of_them(tmp_path: Path, client: docker.DockerClient, record_property: Record) -> None:
    batch = sliced()
    print(f"{batch.name} (the same again: SLICE=n): {', '.join(package.name for package in batch.packages)}")
    check(batch, tmp_path, client, record_property)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.name)
def test_every_batch(batch: Batch, tmp_path: Path, client: docker.DockerClient, record_property: Record) -> None:
    check(batch, tmp_path, client, record_property)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("name", "answers"),
    [pytest.param(name, answers, id="-".join([name, *answers.values()])) for name, answers in ELSEWHERE],
)
def test_native_code_elsewhere(
    name: str, answers: dict[str, str], tmp_path: Path, client: docker.DockerClient, record_property: Record
) -> None:
    (batch,) = (batch for batch in BATCHES if batch.name == name)
    if batch.name == "compiled" and answers.get("package_manager") == "yarn":
        batch = replace(batch, packages=(*batch.packages, NODE_GYP))
    check(batch, tmp_path, client, record_property, **answers)
