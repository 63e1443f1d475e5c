"""Times `make dev`: from saving an edit to the first answer that shows it, with and without a request in flight."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.commands import BenchmarkError, Progress, run
from benchmarks.contexts import bake
from benchmarks.runs import is_greeting
from benchmarks.samples import Samples
from benchmarks.variants import Variant
from loopback import GREETING, free_port

EDITS = 10
FIRST_BUILD, RELOAD = 300.0, 30.0  # seconds
SETTLED = 6.0  # seconds after the start, in which `make dev` may build anew
UNFINISHED = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"


def measure_reloads(variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `reload_s` and, with a request whose body never ends, `reload_in_flight_s`, of at least EDITS edits each."""
    edits = max(EDITS, rounds)
    progress = Progress("reloads", 2 * edits * len(variants))
    for variant in variants:
        with TemporaryDirectory(prefix="node-multi-stage-benchmark-") as name:
            project = bake(Path(name), {**variant.answers, "project_slug": f"bench-{variant.key}"})
            with developing(project) as port:
                for number in range(edits):
                    progress.step(variant.label)
                    samples.add("reload_s", variant.key, reload(project, port, f"Reload {number}"))
                for number in range(edits):
                    progress.step(f"{variant.label}, a request in flight")
                    with socket.create_connection(("127.0.0.1", port)) as connection:
                        connection.sendall(UNFINISHED)
                        took = reload(project, port, f"In flight {number}")
                    samples.add("reload_in_flight_s", variant.key, took)
            run("make", "clean", cwd=project)


@contextmanager
def developing(project: Path) -> Iterator[int]:
    """Keep `make dev` running and give the port on which its service answers."""
    port = free_port()
    command = ["make", "dev", f"PORT={port}", f"DEBUG_PORT={free_port()}"]
    with subprocess.Popen(
        command, cwd=project, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(port, GREETING, FIRST_BUILD)
            time.sleep(SETTLED)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGINT)


def reload(project: Path, port: int, text: str) -> float:
    """Put a text into the greeting and return the seconds until it is answered."""
    [routes] = (project / "src").glob("routes.*")
    edited = re.sub(r"(?<=Hello, Docker ).*(?= Build)", text, routes.read_text())
    begin = time.perf_counter()
    routes.write_text(edited)
    wait_for(port, GREETING.replace("Multi-Stage", text), RELOAD)
    return time.perf_counter() - begin


def wait_for(port: int, text: str, limit: float) -> None:
    """Ask until the greeting is this text; raises BenchmarkError after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        with suppress(OSError):
            if is_greeting(port, text):
                return
        if time.monotonic() > deadline:
            raise BenchmarkError(f"`make dev` does not answer {text!r} within {limit:.0f} s")
        time.sleep(0.01)
