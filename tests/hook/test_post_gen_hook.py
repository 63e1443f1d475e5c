"""The post-gen hook through real bakes, with a fake `docker` first on PATH."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from engine.client import OLDEST_ENGINE
from support.baking import ROOT, run

READY = 'case "$1" in version) echo 28.3.3;; buildx) echo buildx v0.20;; compose) echo v2.40;; esac'
FAKES = {
    "ready": (READY, "Docker Engine 28.3.3 with BuildKit and Compose is ready."),
    "minimum": (
        READY.replace("28.3.3", f"{OLDEST_ENGINE}.0.0"),
        f"Docker Engine {OLDEST_ENGINE}.0.0 with BuildKit and Compose is ready.",
    ),
    "engine down": ('[ "$1" = buildx ] && exit 0; echo "Cannot connect" >&2; exit 1', "no engine answers"),
    "wedged": ("sleep 600 & sleep 600", "its engine hangs"),
    "too old": (READY.replace("28.3.3", "20.10.24+dfsg1"), "20.10.24+dfsg1 is too old"),
    "no buildx": ('case "$1" in version) echo 28.3.3;; *) exit 1;; esac', "has no BuildKit client"),
    "no compose": ('case "$1" in version) echo 28.3.3;; buildx) echo ok;; *) exit 1;; esac', "has no Compose"),
    "wedged compose": ('case "$1" in version) echo 28.3.3;; buildx) echo ok;; *) sleep 600;; esac', "Compose hangs"),
    "not ascii": (READY.replace("28.3.3", "\u2714"), "is too old"),
}


def path_without(folder: Path, absent: str = "docker") -> str:
    """Return a PATH on which every folder that has this program is replaced by links to its other programs."""
    kept = []
    for number, entry in enumerate(os.environ["PATH"].split(os.pathsep)):
        if not (Path(entry) / absent).exists():
            kept.append(entry)
            continue
        links = folder / f"bin{number}"
        links.mkdir(parents=True)
        for program in Path(entry).iterdir():
            if program.name != absent:
                (links / program.name).symlink_to(program)
        kept.append(str(links))
    return os.pathsep.join(kept)


def bake_with(folder: Path, docker: bytes | str | None, required: str = "") -> subprocess.CompletedProcess[str]:
    """Bake the defaults by command, hooks included, with this shell script as `docker`.

    None stands for no docker at all, bytes for a program as it is.
    """
    path = path_without(folder / "others")
    if docker is not None:
        fake = folder / "fake" / "docker"
        fake.parent.mkdir()
        fake.write_bytes(docker if isinstance(docker, bytes) else f"#!/bin/sh\n{docker}\n".encode())
        fake.chmod(0o755)
        path = f"{fake.parent}{os.pathsep}{path}"
    return run(
        *("cookiecutter", "--no-input", "--output-dir", folder, ROOT),
        cwd=folder,
        home=folder / "home",
        PATH=path,
        NODE_MULTI_STAGE_REQUIRE_DOCKER=required,
    )


@pytest.mark.parametrize("outcome", FAKES)
def test_outcome_is_reported_and_the_project_kept(tmp_path: Path, outcome: str) -> None:
    docker, found = FAKES[outcome]
    start = time.monotonic()
    result = bake_with(tmp_path, docker)
    seconds = time.monotonic() - start
    assert result.returncode == 0, result.stderr
    assert found in result.stdout
    assert result.stdout.isascii()
    assert "cd node-multi-stage-app\n" in result.stdout
    assert "make run " in result.stdout
    assert "http://localhost:3000" in result.stdout
    assert (tmp_path / "node-multi-stage-app" / "Dockerfile").is_file()
    # Three seconds for the hook; the rest is cookiecutter's own start on a busy machine.
    assert seconds < 10
    ready = "is ready" in found
    assert ("make doctor" in result.stdout) is not ready


def test_missing_docker(tmp_path: Path) -> None:
    result = bake_with(tmp_path, None)
    assert result.returncode == 0, result.stderr
    assert f"Docker is missing. Install Docker Engine {OLDEST_ENGINE} or newer" in result.stdout
    assert (tmp_path / "node-multi-stage-app" / "Dockerfile").is_file()


def test_without_make_the_next_command_is_plain_docker(tmp_path: Path) -> None:
    path = path_without(tmp_path / "others", "make")
    result = run(
        *("cookiecutter", "--no-input", "--output-dir", tmp_path, ROOT), cwd=tmp_path, home=tmp_path / "home", PATH=path
    )
    assert result.returncode == 0, result.stderr
    assert "  docker compose up --build --wait app " in result.stdout
    assert "  make " not in result.stdout
    readme = (tmp_path / "node-multi-stage-app" / "README.md").read_text(encoding="utf-8")
    assert "\ndocker compose up --build --wait app\n" in readme


def test_docker_that_cannot_start(tmp_path: Path) -> None:
    result = bake_with(tmp_path, b"\x00 not a program")
    assert result.returncode == 0, result.stderr
    assert "Docker does not start" in result.stdout


def test_hard_stop_on_request(tmp_path: Path) -> None:
    result = bake_with(tmp_path, FAKES["engine down"][0], required="1")
    assert result.returncode != 0
    assert "no engine answers" in result.stdout
    assert not (tmp_path / "node-multi-stage-app").exists()


@pytest.mark.parametrize(
    "script", ["exec sleep 600", "sleep 600 & echo $! >> PIDS; wait"], ids=["alone", "with a child"]
)
def test_wedged_docker_is_ended_with_all_that_it_started(tmp_path: Path, script: str) -> None:
    pids = tmp_path / "pids"
    bake_with(tmp_path, f"echo $$ >> PIDS; {script}".replace("PIDS", f"'{pids}'"))
    started = pids.read_text().split()
    assert len(started) >= 3
    for pid in started:
        assert not Path(f"/proc/{pid}/cmdline").exists() or b"sleep" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_no_empty_folder_is_left(tmp_path: Path) -> None:
    result = run(
        "cookiecutter",
        "--no-input",
        "--output-dir",
        tmp_path,
        ROOT,
        "ci=none",
        cwd=tmp_path,
        home=tmp_path / "home",
    )
    assert result.returncode == 0, result.stderr
    project = tmp_path / "node-multi-stage-app"
    assert not [folder for folder in project.rglob("*") if folder.is_dir() and not any(folder.iterdir())]
