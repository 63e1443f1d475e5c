"""`make run` tells the truth: the environment arrives, "ready" was asked for, a failure says why."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from loopback import free_port
from support.groups import end
from support.running import Service, leftovers, project_of, wait_until

# A password that Compose, a shell and a dotenv parser would each read otherwise.
SECRET = "s3cr$et-9 \"quoted\" # ${HOME} 'x' a=b\\n"  # noqa: S105
PLAIN = "a=b#c it's"
ENVIRONMENT = f"""\
DB_PASSWORD='{SECRET.replace("'", chr(92) + "'")}'
PLAIN={PLAIN}
NODE_OPTIONS=--title=from-the-environment-file
# These would rename or move something, were they read.
NAME=other
IMAGE=other
TAG=other
PORT=9
HOST_IP=192.0.2.1
COMPOSE_PROJECT_NAME=other
"""


@pytest.fixture(scope="module")
def made(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default answers, built."""
    with project_of(tmp_path_factory.mktemp("run"), client) as service:
        assert service.project.make("build").returncode == 0
        yield service


@pytest.fixture
def service(made: Service) -> Iterator[Service]:
    """The same project for each test: what a test changes in compose.yaml, .env and src is taken back."""
    root = made.project.path
    kept = {path: (root / path).read_bytes() for path in ("compose.yaml", "src/server.js")}
    yield made
    assert made.project.make("stop").returncode == 0
    for path, content in kept.items():
        (root / path).write_bytes(content)
    (root / ".env").unlink(missing_ok=True)


def edit(service: Service, path: str, old: str, new: str) -> None:
    """Replace the first such text in a file of the project."""
    file = service.project.path / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def make(service: Service, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make TARGET PORT=...` with more in the environment."""
    return service.project.make_with({**os.environ, **environment}, target, f"PORT={service.port}")


def fails(service: Service, target: str = "run", **environment: str) -> list[str]:
    """Run a target that must fail; return what it says at the end, without BuildKit's and make's lines."""
    result = make(service, target, **environment)
    assert result.returncode != 0, result.stdout
    assert "is ready" not in result.stdout
    noise = ("make", "#")
    return [line for line in result.stderr.splitlines() if line and not line.startswith(noise)]


def environment_of(service: Service, name: str) -> dict[str, str]:
    """Return the environment of a container's processes."""
    script = "console.log(JSON.stringify(process.env))"
    container = service.client.containers.get(name)
    _, output = container.exec_run(["node", "-e", script], environment={"NODE_OPTIONS": ""})
    assert isinstance(output, bytes)
    found: dict[str, str] = json.loads(output)
    configured = dict(entry.split("=", 1) for entry in container.attrs["Config"]["Env"])
    return {**found, "NODE_OPTIONS": configured["NODE_OPTIONS"]}


@contextmanager
def developing(service: Service) -> Iterator[None]:
    """`make dev` while the block runs, then Ctrl-C."""
    command = ["make", "dev", f"PORT={service.port}", f"DEBUG_PORT={free_port()}"]
    with subprocess.Popen(
        command, cwd=service.project.path, start_new_session=True, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert wait_until(lambda: is_answering(service), 120), process.poll()
            yield
        finally:
            end(process)


def is_answering(service: Service) -> bool:
    """Whether the published port answers."""
    try:
        return service.get("/livez").status == 200
    except OSError:
        return False


def test_environment_arrives_as_written_and_renames_nothing(service: Service) -> None:
    """In production and in development alike."""
    (service.project.path / ".env").write_text(ENVIRONMENT)
    result = make(service, "run", NAME="wsl-box", IMAGE="x", TAG="y", HOST_IP="192.0.2.9", COMPOSE_PROJECT_NAME="z")
    assert result.returncode == 0, result.stderr
    assert f"ready: http://127.0.0.1:{service.port}" in result.stdout
    assert service.container.attrs["Config"]["Image"] == service.tag
    production = environment_of(service, service.project.slug)
    make(service, "stop")
    with developing(service):
        development = environment_of(service, f"{service.project.slug}_dev")
    for found in (production, development):
        assert found["DB_PASSWORD"] == SECRET
        assert found["PLAIN"] == PLAIN
        assert found["NODE_OPTIONS"] == "--title=from-the-environment-file"
        assert found["PORT"] == service.project.answers["port"]
    assert leftovers(service.client, f"{service.project.slug}_") == []


@pytest.mark.full
def test_a_bad_environment_file_stops_run_but_not_stop(service: Service) -> None:
    service.run()
    (service.project.path / ".env").write_text('GOOD=1\nDB_PASSWORD=s3cr$et\nBAD="x\n')
    for target in ("run", "dev"):
        [line] = fails(service, target)
        assert line.startswith(".env:2: DB_PASSWORD: ")
    (service.project.path / ".env").write_text('BAD="x\n')
    assert fails(service) == [".env:1: BAD: the quote is never closed"]
    for _ in range(2):
        result = make(service, "stop")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert leftovers(service.client, f"{service.project.slug}_") == []


def test_a_second_checkout_is_refused(service: Service, tmp_path: Path) -> None:
    service.run()
    before = service.container.id
    copy = tmp_path / "a second checkout"
    shutil.copytree(service.project.path, copy)
    for target in ("run", "dev", "stop", "logs", "shell", "clean"):
        result = replace(service.project, path=copy).make(target)
        assert result.returncode != 0, target
        [line] = [line for line in result.stderr.splitlines() if not line.startswith("make")]
        assert f"{service.project.slug} runs from {service.project.path}: make stop there" in line
    assert service.container.id == before
    link = tmp_path / "link"
    link.symlink_to(service.project.path)
    assert replace(service.project, path=link).make("logs").returncode == 0


@pytest.mark.full
def test_projects_whose_names_begin_alike_do_not_meet(
    service: Service, client: docker.DockerClient, tmp_path: Path
) -> None:
    service.run()
    other = project_of(tmp_path, client, slug=f"{service.project.slug}-test")
    with other as alike:
        alike.run()
        assert make(service, "clean").returncode == 0
        assert is_answering(alike)
        service.run()
    assert is_answering(service)


def test_a_service_on_loopback_is_not_ready(service: Service) -> None:
    (service.project.path / ".env").write_text("HOST=127.0.0.1\n")
    [line] = fails(service)
    assert f"http://127.0.0.1:{service.port}/readyz does not answer" in line
    assert "every address" in line


CRASH_AFTER_A_RESPONSE = """
const { subscribe } = process.getBuiltinModule('node:diagnostics_channel');
subscribe('http.server.response.finish', () => setTimeout(() => process.exit(7), 20));
"""


def test_a_crash_after_the_first_health_check_is_not_ready(service: Service) -> None:
    file = service.project.path / "src" / "server.js"
    file.write_text(f"{CRASH_AFTER_A_RESPONSE}\n{file.read_text()}")
    # The second container has the name of the first, which ended by a signal.
    for _ in range(2):
        said = fails(service)
        assert any('"listening"' in line for line in said)
        assert any("exit code 7" in line for line in said), said
    logs = make(service, "logs")
    assert "exit code 7" in logs.stderr + logs.stdout


def test_a_failing_health_check_is_quoted(service: Service) -> None:
    check = """    healthcheck:
      test: ["CMD", "node", "-e", "console.log('no database'); process.exit(1)"]
      interval: 1s
      retries: 2
      start_period: 0s
    restart: on-failure:5
"""
    edit(service, "compose.yaml", "    restart: on-failure:5\n", check)
    assert f"{service.project.slug} is unhealthy: no database" in fails(service)


SECOND = """
  worker:
    image: ${{APP_IMAGE:-x}}:${{APP_TAG:-local}}
    command: ["node", "-e", "setInterval(() => {{}}, 1000)"]
    healthcheck: {{ disable: true }}
    init: true
    ports: ["127.0.0.1:{port}:9999"]

  dev:
"""


def test_a_second_service_is_started_and_its_busy_port_named(service: Service) -> None:
    port = free_port()
    edit(service, "compose.yaml", "\n  dev:\n", SECOND.format(port=port))
    service.run()
    worker = f"{service.project.slug}-worker-1"
    assert service.client.containers.get(worker).status == "running"
    assert make(service, "stop").returncode == 0
    assert worker not in leftovers(service.client, worker)
    image = "node:26-trixie-slim"
    holder = service.client.containers.run(image, ["sleep", "60"], detach=True, ports={"1/tcp": ("127.0.0.1", port)})
    try:
        assert fails(service) == [f"Port {port} of {worker} is busy: free it, or change it in compose.yaml"]
    finally:
        holder.remove(force=True)


def test_it_is_published_and_listens_on_an_ipv6_address(service: Service) -> None:
    result = make(service, "run", APP_HOST_IP="[::1]")
    assert result.returncode == 0, result.stderr
    url = f"http://[::1]:{service.port}"
    assert result.stdout.splitlines()[-1] == f"{service.project.slug} is ready: {url}"
    with urllib.request.urlopen(url, timeout=5) as response:
        assert response.status == 200
    inside = "fetch('http://[::1]:3000/livez').then((answer) => process.exit(answer.status === 200 ? 0 : 1))"
    assert service.container.exec_run(["node", "-e", inside]).exit_code == 0


def test_logs_say_what_memory_ran_out(service: Service) -> None:
    """The kernel's kill of buffers, which are no part of the heap, leaves no line of its own."""
    grow = "const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1));"
    file = service.project.path / "src" / "server.js"
    file.write_text(file.read_text() + f"\nsetTimeout(() => {{ {grow} }}, 2500);\n")
    result = make(service, "run", APP_MEMORY="64m")
    assert result.returncode == 0, result.stderr
    line = "exit code 137, out of memory: the limit is 64 MiB (APP_MEMORY)"

    def said() -> bool:
        logs = make(service, "logs")
        return line in logs.stdout + logs.stderr

    assert wait_until(said, 20)


@pytest.mark.full
def test_ready_is_asked_without_bash_too(service: Service, tmp_path: Path) -> None:
    """The image's own health check then asks the published port, beside the engine."""
    (tmp_path / "bash").symlink_to("/bin/false")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    result = make(service, "run", PATH=path)
    assert result.returncode == 0, result.stderr
    assert "is ready" in result.stdout
    (service.project.path / ".env").write_text("HOST=127.0.0.1\n")
    assert "does not answer" in fails(service, PATH=path)[-1]


@pytest.mark.full
def test_a_port_that_only_accepts(service: Service) -> None:
    """HEALTHCHECK_PATH without a value: no HTTP is asked."""
    (service.project.path / ".env").write_text("HEALTHCHECK_PATH=\n")
    service.run()
    (service.project.path / ".env").write_text("HEALTHCHECK_PATH=\nHOST=127.0.0.1\n")
    assert "does not answer" in fails(service)[-1]
