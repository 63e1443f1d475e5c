"""podman 5 instead of Docker, rootful, in a privileged container of Debian 13: every step of a user's day."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from baking import BakedProject, bake
from running import unique_slug

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
FOLDER = Path(__file__).with_name("podman")
IMAGE = "node-multi-stage-test-podman"
BASE = "node:26-trixie"
SOCKET = "unix:///run/podman/podman.sock"
# Where systemd runs, podman gives it the schedule of health checks; the test's container has none.
HEALTH = "while sleep 1; do for c in $(podman ps --quiet); do podman healthcheck run $c; done; done"


def execute(container: Container, script: str) -> str:
    """Run a shell script in the project's folder; return all output; fails the test if the script fails."""
    environment = {"DOCKER_HOST": SOCKET, "PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}
    if os.environ.get("NODE_EXTRA_CA_CERTS"):
        environment["NODE_EXTRA_CA_CERTS"] = "/ca.pem"
    result = container.exec_run(["sh", "-c", script], workdir="/project", environment=environment)
    output = result.output.decode()  # type: ignore[union-attr]
    assert result.exit_code == 0, output
    return str(output)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("podman"), project_slug=unique_slug())


@pytest.fixture(scope="module")
def machine(client: docker.DockerClient, project: BakedProject) -> Iterator[Container]:
    """A container with podman, its API socket, docker-compose as its provider, the base image and the project."""
    command = ["docker", "build", "--quiet", "--tag", IMAGE, str(FOLDER)]
    authority = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    if authority:
        command += ["--secret", f"id=extra_ca,src={authority}"]
    subprocess.run(command, check=True, capture_output=True)
    container = client.containers.run(IMAGE, ["sleep", "infinity"], privileged=True, detach=True)
    try:
        name = str(container.id)
        subprocess.run(["docker", "cp", project.path, f"{name}:/project"], check=True, capture_output=True)
        if authority:
            subprocess.run(["docker", "cp", "-L", authority, f"{name}:/ca.pem"], check=True, capture_output=True)
        with subprocess.Popen(["docker", "save", BASE], stdout=subprocess.PIPE) as save:
            load = ["docker", "exec", "-i", name, "podman", "load", "--quiet"]
            subprocess.run(load, stdin=save.stdout, check=True, capture_output=True)
        for service in (f"mkdir -p /run/podman; exec podman system service --time=0 {SOCKET}", HEALTH):
            container.exec_run(["sh", "-c", service], detach=True)
        yield container
    finally:
        container.remove(force=True, v=True)


def test_a_users_day(machine: Container, project: BakedProject) -> None:
    """`doctor build run test stop clean` with DOCKER=podman, and what they say."""
    assert execute(machine, "podman version --format '{{.Server.Version}}'").startswith("5.")
    assert "PROBLEM" not in execute(machine, "make doctor DOCKER=podman 2>&1")
    execute(machine, "make build DOCKER=podman 2>&1")
    assert "is ready" in execute(machine, "make run DOCKER=podman 2>&1")
    greeting = "Hello, Docker Multi-Stage Build!"
    assert execute(machine, "curl --silent --fail http://127.0.0.1:3000/").strip() == greeting
    inspect = f"podman inspect {project.slug} --format"
    assert execute(machine, f"{inspect} '{{{{.State.Health.Status}}}}'").strip() == "healthy"
    hardening = "{{.HostConfig.ReadonlyRootfs}} {{.Config.User}} {{.EffectiveCaps}} {{.HostConfig.Memory}}"
    assert execute(machine, f"{inspect} '{hardening}'").split() == ["true", "1000:1000", "[]", "268435456"]
    assert f"200 {greeting}" in execute(machine, "make test DOCKER=podman 2>&1")
    execute(machine, "make stop DOCKER=podman 2>&1")
    execute(machine, "make clean DOCKER=podman 2>&1")
    assert execute(machine, "podman ps --all --quiet").strip() == ""
    assert project.slug not in execute(machine, "podman images --format '{{.Repository}}'")
