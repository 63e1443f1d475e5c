"""The devcontainer as its reference CLI makes it: the project's dev stage, its tools, its files."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from loopback import GREETING
from support.baking import BIN
from support.running import Service, project_of

pytestmark = pytest.mark.full
CLI = "@devcontainers/cli@0.89.0"


def devcontainer(service: Service, action: str, *arguments: str) -> str:
    """Run the reference CLI on the project; return its stdout; fails the test if it fails."""
    command = ["npm", "exec", "--yes", f"--package={CLI}", "--", "devcontainer", action]
    result = subprocess.run(
        [*command, "--workspace-folder", str(service.project.path), *arguments],
        cwd=service.project.path.parent,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module", params=["npm", "pnpm", "yarn"])
def opened(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Service, Container]]:
    """A project of a user who is not root, and its devcontainer."""
    with project_of(tmp_path_factory.mktemp("devcontainer"), client, package_manager=request.param) as service:
        subprocess.run(["chown", "-R", "1000:1000", service.project.path], check=True)
        up = json.loads(devcontainer(service, "up").splitlines()[-1])
        container = client.containers.get(up["containerId"])
        try:
            assert (up["outcome"], up["remoteUser"], up["remoteWorkspaceFolder"]) == ("success", "node", "/app")
            yield service, container
        finally:
            container.remove(force=True, v=True)


def test_it_is_the_dev_stage(opened: tuple[Service, Container]) -> None:
    service, container = opened
    dev = service.client.images.get(f"{service.project.slug}:dev")
    built = service.client.images.get(container.attrs["Image"])
    shared = built.attrs["RootFS"]["Layers"][: len(dev.attrs["RootFS"]["Layers"])]
    assert shared == dev.attrs["RootFS"]["Layers"]


def test_the_projects_tools_work_in_it(opened: tuple[Service, Container]) -> None:
    service, _ = opened
    for script in ("lint", "test"):
        devcontainer(service, "exec", "node", "--run", script)
    greeting = "node --run dev & sleep 3; curl --silent --fail http://127.0.0.1:3000/; kill %1"
    assert GREETING in devcontainer(service, "exec", "bash", "-c", greeting)


def test_edits_are_the_users_and_node_modules_stays_the_images(opened: tuple[Service, Container]) -> None:
    service, container = opened
    devcontainer(service, "exec", "touch", "src/new.js")
    created = Path(service.project.path) / "src" / "new.js"
    assert created.stat().st_uid == 1000
    created.unlink()
    code, output = container.exec_run(["sh", "-c", "ls /app/node_modules/@biomejs && ls /app/.git* /app/compose.yaml"])
    assert code == 0, output
    mount_point = Path(service.project.path) / "node_modules"
    assert (list(mount_point.iterdir()), mount_point.stat().st_uid) == ([], os.getuid())
