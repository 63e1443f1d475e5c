"""Starts and stops containers: time to the first 200, idle memory, time to stop and exit code."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone

import docker

from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress, run, seconds
from benchmarks.samples import Samples, rotated
from benchmarks.variants import Variant, by_framework
from loopback import GREETING, free_port

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE = 30.0  # seconds
KILLED = 137.0


@contextmanager
def created(builder: Builder, variant: Variant, *options: str) -> Iterator[tuple[str, int]]:
    """Keep a variant's container, not yet running; gives its name and the port on which it is published."""
    name, port = f"bench-{builder.run_id}-{variant.key}", free_port()
    env = [word for pair in variant.env.items() for word in ("--env", "=".join(pair))]
    published = ("--network", builder.network, "--publish", f"127.0.0.1:{port}:3000")
    image = builder.image(variant)
    try:
        run("docker", "create", "--name", name, *published, *env, *options, image, *variant.command)
        yield name, port
    finally:
        run("docker", "rm", "--force", "--volumes", name)


@contextmanager
def started(builder: Builder, variant: Variant, *options: str) -> Iterator[tuple[str, int]]:
    """Keep a variant's container running; gives its name and the port on which it is published."""
    with created(builder, variant, *options) as (name, port):
        run("docker", "start", name)
        yield name, port


def start(client: docker.DockerClient, name: str, port: int) -> float:
    """Start a container; return the milliseconds from its process's start, as the engine tells it, to the first 200.

    What the engine needs before that, for namespaces and network, is the same for all images and scatters by 40 ms.
    By the API, whose answer comes 2 to 4 ms after the start: asking before it would meet a proxy without a network.
    """
    container = client.containers.get(name)
    container.start()
    wait_for_answer(port, name)
    answered = datetime.now(timezone.utc)
    container.reload()
    # Nanoseconds, of which datetime takes the first six digits.
    text = re.sub(r"(\.\d{1,6})\d*Z$", r"\1+00:00", container.attrs["State"]["StartedAt"])
    return 1000 * (answered - datetime.fromisoformat(text)).total_seconds()


def is_greeting(port: int, text: str = GREETING) -> bool:
    """Whether the service greets with this text on 127.0.0.1:port right now."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(REQUEST)
            data = b""
            while text.encode() not in data:
                chunk = connection.recv(4096)
                if not chunk:
                    return False
                data += chunk
            return data.startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def wait_for_answer(port: int, name: str) -> None:
    """Ask until the first 200; raises BenchmarkError with the container's log after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not is_greeting(port):
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{name} never answered: {run('docker', 'logs', name)}")
        time.sleep(0.001)


def resident_megabytes(name: str) -> float:
    """The resident memory of all the container's processes, in megabytes of 10^6 bytes."""
    rows = run("docker", "top", name, "-o", "pid,rss").splitlines()[1:]
    return sum(int(row.split()[1]) for row in rows) * 1024 / 1e6


def idle_megabytes(name: str) -> float:
    """The least of two readings: a health check that happens to run is no part of the idle service."""
    readings = []
    for _ in range(2):
        time.sleep(0.4)
        readings.append(resident_megabytes(name))
    return min(readings)


def measure_runs(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `start_ms`, `memory_mb`, `stop_s` and `exit_code`."""
    client = docker.from_env()
    progress = Progress("starts and stops", rounds * len(variants))
    for number in range(rounds):
        for variant in rotated(by_framework(variants), number):
            progress.step(variant.label)
            with created(builder, variant) as (name, port):
                samples.add("start_ms", variant.key, start(client, name, port))
                samples.add("memory_mb", variant.key, idle_megabytes(name))
                # What does not end by itself takes ten seconds each time: once says so.
                if KILLED not in samples.values("exit_code", variant.key):
                    samples.add("stop_s", variant.key, seconds("docker", "stop", name))
                    code = run("docker", "inspect", "--format", "{{.State.ExitCode}}", name)
                    samples.add("exit_code", variant.key, float(code))
