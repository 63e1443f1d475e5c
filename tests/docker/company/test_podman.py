"""podman 5 instead of Docker, rootful, in a privileged container of Debian 13: every step of a user's day."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from loopback import GREETING
from support.baking import BakedProject, bake
from support.company.podman_image import FOLDER, IMAGE, QUIET
from support.company.scanner_image import SCANNER, scanner_image
from support.machines import build_image, execute, load_image
from support.running import unique_slug

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
BASE = "node:26-trixie"
SOCKET = "unix:///run/podman/podman.sock"
# Where systemd runs, podman gives it the schedule of health checks; the test's container has none.
HEALTH = "while sleep 1; do for c in $(podman ps --quiet); do podman healthcheck run $c; done; done"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("podman"), project_slug=unique_slug())


@pytest.fixture(scope="module")
def machine(client: docker.DockerClient, project: BakedProject) -> Iterator[Container]:
    """A container with podman, its API socket, docker-compose as its provider, the base image and the project."""
    build_image(IMAGE, FOLDER)
    authority = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    environment = {**QUIET, "DOCKER_HOST": SOCKET}
    if authority:
        environment["NODE_EXTRA_CA_CERTS"] = "/ca.pem"
    command = ["sleep", "infinity"]
    container = client.containers.run(IMAGE, command, environment=environment, privileged=True, detach=True)
    try:
        name = str(container.id)
        subprocess.run(["docker", "cp", project.path, f"{name}:/project"], check=True, capture_output=True)
        if authority:
            subprocess.run(["docker", "cp", "-L", authority, f"{name}:/ca.pem"], check=True, capture_output=True)
        load_image(container, "podman", BASE)
        for service in (f"mkdir -p /run/podman; exec podman system service --time=0 {SOCKET}", HEALTH):
            container.exec_run(["sh", "-c", service], detach=True)
        yield container
    finally:
        container.remove(force=True, v=True)


def run(machine: Container, script: str) -> str:
    """Run a shell script in the project's folder."""
    return execute(machine, script, "/project")


def test_a_users_day(machine: Container, project: BakedProject) -> None:
    """`doctor build run test stop clean` with DOCKER=podman, and what they say; no scanner's image is there."""
    assert run(machine, "podman version --format '{{.Server.Version}}'").startswith("5.")
    assert "PROBLEM" not in run(machine, "make doctor DOCKER=podman 2>&1")
    run(machine, "make build DOCKER=podman 2>&1")
    assert "is ready" in run(machine, "make run DOCKER=podman 2>&1")
    assert run(machine, "curl --silent --fail http://127.0.0.1:3000/").strip() == GREETING
    inspect = f"podman inspect {project.slug} --format"
    assert run(machine, f"{inspect} '{{{{.State.Health.Status}}}}'").strip() == "healthy"
    hardening = "{{.HostConfig.ReadonlyRootfs}} {{.Config.User}} {{.EffectiveCaps}} {{.HostConfig.Memory}}"
    assert run(machine, f"{inspect} '{hardening}'").split() == ["true", "1000:1000", "[]", str(1024**3)]
    assert "passed: lint, tests, and the production image" in run(machine, "make test DOCKER=podman 2>&1")
    run(machine, "make stop DOCKER=podman 2>&1")
    for targets in ("add PACKAGE=is-number@7.0.0", "lock", "format", "lint", "sbom"):
        run(machine, f"make {targets} DOCKER=podman 2>&1")
    assert '"is-number": "7.0.0"' in run(machine, "cat package.json")
    assert '"is-number"' in run(machine, "cat sbom.cdx.json")
    run(machine, "make remove PACKAGE=is-number DOCKER=podman 2>&1")
    assert '"is-number"' not in run(machine, "cat package.json package-lock.json")
    run(machine, "make clean DOCKER=podman 2>&1")
    assert run(machine, "podman ps --all --quiet").strip() == ""
    assert project.slug not in run(machine, "podman images --format '{{.Repository}}'")


def test_podman_by_the_name_of_docker_is_recognized(machine: Container) -> None:
    """As Debian's package podman-docker installs it."""
    run(machine, "printf '#!/bin/sh\\nexec podman \"$@\"\\n' > /usr/local/bin/docker; chmod +x /usr/local/bin/docker")
    try:
        assert "the command docker is podman here" in run(machine, "make build 2>&1 || true")
    finally:
        run(machine, "rm /usr/local/bin/docker")


def test_a_build_has_what_the_manifests_say(machine: Container, project: BakedProject) -> None:
    """Those of before, too, and after a build that failed: podman keeps a step although what it mounts has changed."""

    def save(state: str) -> None:
        run(machine, f"mkdir -p /tmp/{state} && cp package.json package-lock.json /tmp/{state}")

    def built(state: str) -> str:
        """Build with the manifests of this state, and use the package in production; return what Node says."""
        run(machine, f"cp /tmp/{state}/* . && make build DOCKER=podman 2>&1")
        code = "import('is-number').then(() => 'there', (error) => error.code).then(console.log)"
        return run(machine, f'podman run --rm {project.slug}:0.1.0 node --eval "{code}"').strip()

    save("without")
    run(machine, "make add PACKAGE=is-number@7.0.0 DOCKER=podman 2>&1")
    save("with")
    for _ in range(2):
        assert built("without") == "ERR_MODULE_NOT_FOUND"
        assert built("with") == "there"
    run(machine, """sed -i 's/"scripts": {/&"postinstall": "no-such-tool",/' package.json""")
    for _ in range(2):
        assert "no-such-tool" in run(machine, "! make build DOCKER=podman 2>&1")
    run(machine, "cp /tmp/without/* . && make clean DOCKER=podman 2>&1")


def test_a_scan(machine: Container, client: docker.DockerClient) -> None:
    """By the stand-in for the scanner; a container of its own serves what it knows."""
    with scanner_image(client):
        load_image(machine, "podman", SCANNER)
    known = '[{"ID": "CVE-1", "Severity": "High", "Package": "express", "Fixed": ["99.0.0"]}]'
    serve = f"require('node:http').createServer((req, res) => res.end(JSON.stringify({known}))).listen(80)"
    database = machine.exec_run(["podman", "run", "--detach", "--init", BASE, "node", "--eval", serve])
    try:
        name = database.output.decode().split()[-1]  # type: ignore[union-attr]
        address = run(machine, f"podman inspect {name} --format '{{{{.NetworkSettings.IPAddress}}}}'").strip()
        scan = f"make --silent scan DOCKER=podman GRYPE_DB_UPDATE_URL=http://{address}/"
        assert run(machine, f"{scan} 2>/dev/null || test $? = 2").startswith("High CVE-1: express ")
        run(machine, "printf 'ignore:\\n  - vulnerability: CVE-1\\n' > .grype.yaml")
        assert "passed: " in run(machine, f"{scan} 2>&1")
        assert "_scan" not in run(machine, "podman ps --all --format '{{.Names}}'")
    finally:
        run(machine, "rm -f .grype.yaml; podman rm --force --all --time 0; make clean DOCKER=podman 2>&1")
