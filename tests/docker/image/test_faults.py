"""Bad surroundings of a generated project: each gives one clear line that says what to do, and loses nothing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from loopback import GREETING
from support.groups import end
from support.running import Service, leftovers


def errors(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines that a failed make printed as its own message, without make's and BuildKit's."""
    noise = ("make: ***", "make[", "#", " Network", " Container")
    return [line for line in result.stderr.splitlines() if line.strip() and not line.startswith(noise)]


def make_with_docker(service: Service, script: str, *targets: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run make with a shell script as its `docker`."""
    fake = folder / "docker"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return service.project.make_with(environment, *targets)


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A loopback port on which this test listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_busy_port(project: Service, busy_port: int) -> None:
    project.run()
    result = project.project.make("run", PORT=str(busy_port))
    assert result.returncode != 0
    message = f"Port {busy_port} is busy: make stop, if it is yours, or another: make run PORT={busy_port + 1}"
    assert errors(result) == [message]
    dev = project.project.make("dev", PORT=str(busy_port))
    assert dev.returncode != 0
    assert f"Port {busy_port} is busy" in dev.stderr


@pytest.mark.full
def test_container_of_the_same_name_is_kept(project: Service, client: docker.DockerClient) -> None:
    foreign = client.containers.run("node:26-trixie-slim", ["sleep", "600"], name=project.project.slug, detach=True)
    try:
        result = project.project.make("run", PORT=str(project.port))
        assert result.returncode != 0
        assert len(errors(result)) == 1
        assert "You have to remove (or rename) that container" in result.stderr
        assert project.project.make("clean").returncode == 0
        foreign.reload()
        assert foreign.status == "running"
    finally:
        foreign.remove(force=True)


@pytest.mark.full
def test_image_of_the_same_name_is_kept(project: Service, client: docker.DockerClient) -> None:
    foreign = client.images.get("node:26-trixie-slim")
    foreign.tag(project.project.slug, "0.1.0")
    try:
        result = project.project.make("build")
        assert result.returncode != 0
        assert len(errors(result)) == 1
        assert "TAG=" in result.stderr
        assert project.project.make("clean").returncode == 0
        assert client.images.get(project.tag).id == foreign.id
        assert project.project.make("build", TAG="mine").returncode == 0
    finally:
        client.images.remove(project.tag)


def test_clean_twice(project: Service) -> None:
    for _ in range(2):
        result = project.project.make("clean")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_stop_logs_and_shell_without_a_service(project: Service) -> None:
    assert project.project.make("stop").returncode == 0
    for target in ("logs", "shell"):
        result = project.project.make(target)
        assert result.returncode != 0
        assert errors(result) == [f"{project.project.slug} is not running: make run"]


ENGINES = {
    "no engine": (
        "echo 'Cannot connect to the Docker daemon' >&2; exit 1",
        "does not answer: start or install it",
    ),
    "wedged": ("exec sleep 600", "does not answer: start or install it"),
    "too old": ("case $1 in version) echo 20.10.24;; *) exit 0;; esac", "20.10.24 is too old: update to 25"),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_unusable_engine(project: Service, tmp_path: Path, engine: str) -> None:
    script, line = ENGINES[engine]
    result = make_with_docker(project, script, "build", folder=tmp_path)
    assert result.returncode != 0
    assert len(errors(result)) == 1
    assert line in result.stderr


def test_missing_docker(project: Service) -> None:
    result = project.project.make("build", DOCKER="no-such-docker")
    assert result.returncode != 0
    assert len(errors(result)) == 1
    assert "start or install it" in result.stderr


def test_ca_path_that_is_not_there(project: Service) -> None:
    result = project.project.make("build", NODE_EXTRA_CA_CERTS="/no/such/ca.pem")
    assert result.returncode != 0
    assert errors(result) == ["  PROBLEM  NODE_EXTRA_CA_CERTS names no file: /no/such/ca.pem"]


def test_stale_lockfile_says_make_lock(project: Service) -> None:
    manifest = project.project.path / "package.json"
    manifest.write_text(re.sub(r'("pino": )"[\d.]+"', r'\1"10.3.0"', manifest.read_text()))
    result = project.project.make("build")
    assert result.returncode != 0
    assert "make lock" in result.stderr
    assert project.project.make("lock").returncode == 0
    assert project.project.make("build").returncode == 0


def test_environment_file(project: Service, tmp_path: Path) -> None:
    environment = tmp_path / "some.env"
    environment.write_text("LOG_LEVEL=silent\nPORT=9\n")
    project.run(ENV_FILE=str(environment))
    assert project.get("/").body.strip() == GREETING
    assert project.logs() == []
    missing = project.project.make("run", ENV_FILE="/no/such.env")
    assert missing.returncode != 0
    assert errors(missing) == ["  PROBLEM  ENV_FILE names no file: /no/such.env"]


def test_bad_configuration_shows_the_services_own_line(project: Service, tmp_path: Path) -> None:
    environment = tmp_path / "bad.env"
    environment.write_text("BODY_LIMIT_BYTES=plenty\n")
    result = project.project.make("run", ENV_FILE=str(environment), PORT=str(project.port))
    assert result.returncode != 0
    assert "BODY_LIMIT_BYTES must be" in result.stdout + result.stderr


@pytest.mark.full
def test_a_syntax_error_is_shown_with_its_place(project: Service) -> None:
    (project.project.path / "src" / "config.js").write_text("export const = 1;\n")
    result = project.project.make("run", PORT=str(project.port))
    assert result.returncode != 0
    assert "src/config.js:1" in result.stdout + result.stderr
    assert "SyntaxError" in result.stdout + result.stderr


@pytest.mark.full
def test_interrupted_run_leaves_nothing_that_clean_misses(project: Service) -> None:
    with subprocess.Popen(
        ["make", "run", f"PORT={project.port}"], cwd=project.project.path, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as make:  # fmt: skip
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                make.wait(timeout=1.5)
        finally:
            end(make)
        assert make.returncode != 0
    assert project.project.make("clean").returncode == 0
    assert leftovers(project.client, project.project.slug) == []
    project.run()
