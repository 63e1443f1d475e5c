"""Says whether Docker is ready and what to do next; removes empty folders, writes nothing, never fails the bake.

A hook that fails makes cookiecutter delete the new project, so every outcome exits 0. Set
NODE_MULTI_STAGE_REQUIRE_DOCKER=1 to stop instead. ASCII only: a cp1252 console cannot print more.
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
MINIMUM = "{{ cookiecutter.__min_engine }}"
PATIENCE = 2.5  # seconds; a wedged engine would otherwise hang for ever
RUN_WITHOUT_MAKE = "docker compose up --build --wait app"
KUBERNETES = ("overlays/dev", "overlays/production", "overlays", "base", "")
EMPTY_WITHOUT_A_CHOICE = (".github/workflows", ".github", *(f"deploy/kubernetes/{f}" for f in KUBERNETES), "deploy")


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a docker command in a session of its own, output captured; raises OSError if it cannot."""
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(["docker", *arguments], stdin=null, stdout=pipe, stderr=null, start_new_session=True)


def answer(process: subprocess.Popen[bytes], deadline: float) -> str | None:
    """Return what a command printed, "" if it failed, None if it hung until the deadline (monotonic)."""
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
        return "Docker is missing.", f"Install Docker Engine {MINIMUM} or newer with buildx and Compose"
    deadline = time.monotonic() + PATIENCE
    try:
        probes = [start("version", "--format", "{{ '{{.Server.Version}}' }}"), start("buildx", "version")]
        probes.append(start("compose", "version"))
    except OSError as error:
        return f"Docker does not start ({error}).", "Mend it"
    engine, buildx, compose = (answer(probe, deadline) for probe in probes)
    if engine is None:
        return "Docker is installed, but its engine hangs.", "Restart it"
    if not engine:
        return "Docker is installed, but no engine answers.", "Start it or check DOCKER_HOST"
    major = engine.split(".")[0]
    if not (major.isascii() and major.isdigit() and int(major) >= int(MINIMUM)):
        return f"Docker Engine {engine} is too old.", f"Update it to {MINIMUM} or newer"
    if lacking := [name for name, found in (("BuildKit client", buildx), ("Compose", compose)) if not found]:
        return f"Docker Engine {engine} has no {lacking[0]}.", "Install the plugins buildx and compose"
    return f"Docker Engine {engine} with BuildKit and Compose is ready.", ""


for folder in EMPTY_WITHOUT_A_CHOICE:
    with contextlib.suppress(OSError):
        Path(folder).rmdir()

found, remedy = check_docker()
text = f"{found} {remedy}, then: make doctor" if remedy else found
print(text.encode("ascii", "replace").decode())
run, rest = ("make run", "make help") if shutil.which("make") else (RUN_WITHOUT_MAKE, "README.md")
print(f"\nNext:\n  cd {SLUG}")
print(f"  {run}    builds the image (about 3 GB at first) and serves http://localhost:{PORT}")
print(f"  {rest}   shows everything else", flush=True)
if remedy and os.environ.get("NODE_MULTI_STAGE_REQUIRE_DOCKER") == "1":
    sys.exit("Stopped because NODE_MULTI_STAGE_REQUIRE_DOCKER=1.")
