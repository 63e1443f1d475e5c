"""Images and containers of the tests' own, beside the projects: how they are built, filled and spoken to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from docker.models.containers import Container

from engine.network import PROXIES


def build_image(tag: str, folder: Path, *options: str) -> str:
    """Build a folder's image by the CLI, which alone speaks BuildKit, behind the machine's CA and proxies.

    Returns its tag; raises AssertionError with what the build said.
    """
    command = ["docker", "build", "--quiet", "--tag", tag, *options, str(folder)]
    if authority := os.environ.get("NODE_EXTRA_CA_CERTS"):
        command += ["--secret", f"id=extra_ca,src={authority}"]
    for name in PROXIES:
        if name in os.environ:
            command += ["--build-arg", name]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return tag


def load_image(container: Container, engine: str, image: str) -> None:
    """Copy an image into `engine` (docker or podman), which runs inside a container."""
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
        load = ["docker", "exec", "-i", str(container.id), engine, "load", "--quiet"]
        subprocess.run(load, stdin=save.stdout, check=True, capture_output=True)


def execute(container: Container, script: str, workdir: str = "/", **environment: str) -> str:
    """Run a shell script in a container; return all output; fails the test if the script fails."""
    result = container.exec_run(["sh", "-c", script], workdir=workdir, environment=environment)
    output = result.output.decode()  # type: ignore[union-attr]
    assert result.exit_code == 0, output
    return str(output)
