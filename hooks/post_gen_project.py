"""Says whether Docker is ready and which command comes next; removes the folders that the answers left empty.

It writes nothing and never fails the bake: a hook that fails makes cookiecutter delete the new project, so every
outcome exits 0 unless NODE_MULTI_STAGE_REQUIRE_DOCKER=1 asks for a stop. Output is ASCII, which every console prints.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

SLUG = "{{ cookiecutter.project_slug }}"
PORT = "{{ cookiecutter.port }}"
MINIMUM_ENGINE = "{{ cookiecutter.__min_engine }}"
TIME_LIMIT = 2.5  # seconds for all commands together; an engine that hangs would otherwise hang the bake
COMMAND_WITHOUT_MAKE = "docker compose up --build --wait app"
# In these, every file depends on an answer.
FOLDERS_OF_OPTIONAL_FILES = (".github", "deploy", "migrations", "public")


def start_docker(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a docker command in a session of its own, its output captured; raises OSError if it cannot start."""
    return subprocess.Popen(
        ["docker", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def output_of(process: subprocess.Popen[bytes], deadline: float) -> str | None:
    """Return what a command printed, "" if it failed, None if it was still running at the deadline (monotonic)."""
    try:
        output = process.communicate(timeout=max(0.0, deadline - time.monotonic()))[0]
    except subprocess.TimeoutExpired:
        # The whole group: a child that keeps the pipe open must not keep the user waiting.
        with contextlib.suppress(OSError):
            process.kill() if os.name == "nt" else os.killpg(process.pid, signal.SIGKILL)
        return None
    return output.decode(errors="replace").strip() if process.returncode == 0 else ""


def check_docker() -> tuple[str, str]:
    """Return what was found, and what to do about it ("" if Docker is ready)."""
    if shutil.which("docker") is None:
        return "Docker is missing.", f"Install Docker Engine {MINIMUM_ENGINE} or newer with buildx and Compose"
    deadline = time.monotonic() + TIME_LIMIT
    try:
        processes = [
            start_docker("version", "--format", "{{ '{{.Server.Version}}' }}"),
            start_docker("buildx", "version"),
            start_docker("compose", "version"),
        ]
    except OSError as error:
        return f"Docker does not start ({error}).", "Repair it"
    engine, buildx, compose = (output_of(process, deadline) for process in processes)
    if engine is None:
        return "Docker is installed, but its engine hangs.", "Restart it"
    if not engine:
        return "Docker is installed, but no engine answers.", "Start it or check DOCKER_HOST"
    major = engine.split(".")[0]
    if not (major.isascii() and major.isdigit() and int(major) >= int(MINIMUM_ENGINE)):
        return f"Docker Engine {engine} is too old.", f"Update it to {MINIMUM_ENGINE} or newer"
    for plugin, version in (("BuildKit client", buildx), ("Compose", compose)):
        if version is None:
            return f"Docker's {plugin} hangs.", "Restart it"
        if not version:
            return f"Docker Engine {engine} has no {plugin}.", "Install the plugins buildx and compose"
    return f"Docker Engine {engine} with BuildKit and Compose is ready.", ""


def remove_empty_folders() -> None:
    """Remove folders whose files the answers left out: cookiecutter makes every folder of the template."""
    for top in map(Path, FOLDERS_OF_OPTIONAL_FILES):
        for folder in sorted([top, *top.rglob("*")], reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()


remove_empty_folders()
found, remedy = check_docker()
line = f"{found} {remedy}, then: make doctor" if remedy else found
print(line.encode("ascii", "replace").decode())
run, rest = ("make run", "make help") if shutil.which("make") else (COMMAND_WITHOUT_MAKE, "README.md")
print(f"\nNext:\n  cd {SLUG}")
print(f"  {run}    builds the image (at first about 3 GB of disk) and serves http://localhost:{PORT}")
print(f"  {rest}   shows everything else", flush=True)
if remedy and os.environ.get("NODE_MULTI_STAGE_REQUIRE_DOCKER") == "1":
    sys.exit("Stopped because NODE_MULTI_STAGE_REQUIRE_DOCKER=1.")
