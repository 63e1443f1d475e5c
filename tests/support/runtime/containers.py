"""Further containers of a service's image, started by its own compose file, with another environment."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import docker
from docker.models.containers import Container

from loopback import free_port
from support.running import Service, wait_until
from support.runtime.raw import Reply, ask

INJECTED = (Path(__file__).parent / "injected.js").read_text(encoding="utf-8")
_numbers = itertools.count()


def preload(code: str) -> str:
    """Return the option that makes Node run JavaScript before its entry point."""
    return f"--import data:text/javascript,{quote(code, safe='')}"


def instant(text: str) -> float:
    """Return an engine's timestamp in seconds since 1970; its nine decimals are more than Python takes."""
    return datetime.fromisoformat(text[:26].rstrip("Z").ljust(26, "0") + "+00:00").timestamp()


@dataclass(frozen=True)
class Instance:
    """A container named `name`, published on `port` of 127.0.0.1."""

    name: str
    port: int
    client: docker.DockerClient

    @property
    def container(self) -> Container:
        """The container with fresh attributes."""
        return self.client.containers.get(self.name)

    @property
    def state(self) -> dict[str, Any]:
        """The engine's view: Status, Pid, StartedAt, ExitCode, Health."""
        state: dict[str, Any] = self.container.attrs["State"]
        return state

    @property
    def identity(self) -> tuple[int, str, int]:
        """What changes when the process does: pid, start time, number of restarts."""
        attributes = self.container.attrs
        return attributes["State"]["Pid"], attributes["State"]["StartedAt"], attributes["RestartCount"]

    def ask(self, method: str = "GET", target: str = "/", *fields: str, body: bytes = b"") -> Reply:
        """Send one request on a connection of its own."""
        return ask(self.port, method, target, *fields, body=body)

    def is_answering(self, target: str = "/readyz") -> bool:
        """Whether a request gets 200."""
        try:
            return self.ask("GET", target).status == 200
        except (OSError, AssertionError):
            return False

    def execute(self, *command: str, **environment: str) -> tuple[int, str]:
        """Run a command in the container as the service's user; return exit code and output."""
        code, output = self.container.exec_run(list(command), environment=environment)
        assert isinstance(output, bytes)
        return code or 0, output.decode()

    def script(self, name: str) -> str:
        """The path of a module of the service in the image, such as `src/service/healthcheck.js`."""
        entry = str(self.container.attrs["Config"]["Cmd"][-1])
        return entry.replace("server.js", f"{name}.js")

    def start(self) -> Instance:
        """Start the container unless it runs, and wait until it is ready."""
        self.container.start()
        assert wait_until(self.is_answering, 10), self.text()
        return self

    def signal(self, name: str) -> None:
        """Send a signal to process 1, as `docker kill --signal` does; the engine does not restart it then."""
        self.container.kill(name)

    def signal_service(self, name: str) -> None:
        """Send a signal to the service itself, the init's only child: SIGSTOP would stop the init alone."""
        find = "fs.readFileSync('/proc/1/task/1/children', 'utf8').trim()"
        code, output = self.execute("node", "-e", f"process.kill(Number({find}), '{name}')")
        assert code == 0, output

    def drain(self, name: str = "SIGTERM") -> float:
        """Send a signal and wait until the service has logged it; return when it was sent, in seconds."""
        before, start = self.text().count('"draining"'), time.time()
        self.signal(name)
        assert wait_until(lambda: self.text().count('"draining"') > before, 5)
        return start

    def ended(self, start: float) -> tuple[int, float]:
        """Wait for the end of the process; return its exit code, and how long after `start` that was."""
        code = self.exit()
        return code, instant(self.state["FinishedAt"]) - start

    def exit(self, timeout: float = 15) -> int:
        """Wait for the process to end and return its exit code."""
        return int(self.container.wait(timeout=timeout)["StatusCode"])

    def text(self, **options: Any) -> str:
        """Return the log; stdout and stderr unless one is switched off."""
        return str(self.container.logs(**options).decode())

    def events(self) -> list[dict[str, Any]]:
        """Return the lines of stdout, each of which must be JSON."""
        return [json.loads(line) for line in self.text(stderr=False).splitlines()]


def main_instance(service: Service) -> Instance:
    """The container that `make run` started, as an Instance."""
    return Instance(service.project.slug, service.port, service.client)


@contextmanager
def another_instance(
    service: Service,
    folder: Path,
    environment: dict[str, str] | None = None,
    *,
    code: str = "",
    wait: bool = True,
    **options: Any,
) -> Iterator[Instance]:
    """Start another container of the image by the project's compose file; at the end nothing of it is left.

    `environment` and `options` (keys of a compose service) override the file's; `code` is JavaScript that runs
    before the service; without `wait` it may fail.
    """
    variables = dict(environment or {})
    if code:
        variables["NODE_OPTIONS"] = preload(code)
    name, port = f"{service.project.slug}-{next(_numbers)}", free_port()
    override = folder / f"{name}.json"
    override.write_text(
        json.dumps({"services": {"app": {"environment": variables, "container_name": name, **options}}})
    )
    image, _, tag = service.tag.partition(":")
    shell = {**os.environ, "APP_IMAGE": image, "APP_TAG": tag, "APP_PORT": str(port)}
    compose = ["docker", "compose", "--progress", "quiet", "--project-name", name]
    compose += ["--file", "compose.yaml", "--file", str(override)]

    def run(*command: str) -> None:
        result = subprocess.run(
            [*compose, *command],
            cwd=service.project.path,
            env=shell,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr

    try:
        run("up", "--detach", "--no-build", *(["--wait"] if wait else []), "app")
        yield Instance(name, port, service.client)
    finally:
        run("down", "--timeout", "0")


InstanceFactory = Callable[..., Instance]


def exits(instance: Instance) -> list[int]:
    """Return the exit codes of the container's processes so far, from the engine's events."""
    since = int(time.time()) - 600
    filters = {"container": instance.name, "event": "die"}
    stream = instance.client.events(since=since, until=int(time.time()) + 1, filters=filters, decode=True)
    return [int(event["Actor"]["Attributes"]["exitCode"]) for event in stream]
