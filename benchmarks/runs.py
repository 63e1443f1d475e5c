"""Starts and stops containers: time to the first 200, idle memory, time to stop and exit code."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress, run, seconds
from benchmarks.samples import Samples, rotated
from benchmarks.variants import Variant
from loopback import GREETING, free_port

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE = 30.0  # seconds
KILLED = 137.0


@contextmanager
def started(builder: Builder, variant: Variant, *options: str) -> Iterator[tuple[str, int]]:
    """Keep a variant's container running; gives its name and the port on which it is published."""
    name, port = f"bench-{builder.run_id}-{variant.key}", free_port()
    env = [word for pair in variant.env.items() for word in ("--env", "=".join(pair))]
    published = ("--network", builder.network, "--publish", f"127.0.0.1:{port}:3000")
    image = builder.image(variant)
    try:
        run("docker", "run", "--detach", "--name", name, *published, *env, *options, image, *variant.command)
        yield name, port
    finally:
        run("sh", "-c", f"docker rm --force --volumes {name} >/dev/null 2>&1 || true")


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
        time.sleep(0.002)


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
    """Take `start_ms`, `memory_mb`, `stop_s` and `exit_code`.

    The clock of a start runs from `docker run` to the end of the first 200. Asking begins when `docker run`
    has returned: before, the container's network is not up, and the engine's proxy waits a second for it.
    """
    progress = Progress("starts and stops", rounds * len(variants))
    for number in range(rounds):
        for variant in rotated(variants, number):
            progress.step(variant.label)
            begin = time.perf_counter()
            with started(builder, variant) as (name, port):
                wait_for_answer(port, name)
                samples.add("start_ms", variant.key, 1000 * (time.perf_counter() - begin))
                samples.add("memory_mb", variant.key, idle_megabytes(name))
                # What does not end by itself takes ten seconds each time: once says so.
                if KILLED not in samples.values("exit_code", variant.key):
                    samples.add("stop_s", variant.key, seconds("docker", "stop", name))
                    code = run("docker", "inspect", "--format", "{{.State.ExitCode}}", name)
                    samples.add("exit_code", variant.key, float(code))
