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

from benchmarks.commands import BenchmarkError, Progress, end_of, run
from benchmarks.contexts import bake
from benchmarks.runs import is_greeting
from benchmarks.samples import Samples
from benchmarks.variants import Variant
from loopback import GREETING, free_port

EDITS = 10
FIRST_BUILD, RELOAD = 300.0, 30.0  # seconds
ENDED = 60.0  # seconds that `make dev` has to remove its containers
SETTLED = 6.0  # seconds after the start, in which `make dev` may build anew
UNFINISHED = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"


def measure_reloads(variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `reload_s` and, with a request whose body never ends, `reload_in_flight_s`, of at least EDITS edits each."""
    edits = max(EDITS, rounds)
    progress = Progress("reloads", 2 * edits * len(variants))
    for variant in variants:
        with TemporaryDirectory(prefix="node-multi-stage-benchmark-") as name:
            project = bake(Path(name), {**variant.answers, "project_slug": f"bench-{variant.key}"})
            try:
                with developing(project) as (process, port):
                    for number in range(edits):
                        progress.step(variant.label)
                        samples.add("reload_s", variant.key, reload(process, project, port, f"Reload {number}"))
                    for number in range(edits):
                        progress.step(f"{variant.label}, a request in flight")
                        with socket.create_connection(("127.0.0.1", port)) as connection:
                            connection.sendall(UNFINISHED)
                            took = reload(process, project, port, f"In flight {number}")
                        samples.add("reload_in_flight_s", variant.key, took)
            finally:
                run("make", "clean", cwd=project)


@contextmanager
def developing(project: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Keep `make dev` running; gives its process and the port on which its service answers.

    A BenchmarkError from within gets the end of its output.
    """
    port = free_port()
    command = ["make", "dev", f"PORT={port}", f"DEBUG_PORT={free_port()}"]
    output = project.parent / "make-dev.log"  # not in the project, which `make dev` watches
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=project, start_new_session=True, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_for(process, port, GREETING, FIRST_BUILD)
        time.sleep(SETTLED)
        yield process, port
    except BenchmarkError as error:
        raise BenchmarkError(f"{error}\n{end_of(output.read_bytes())}") from None
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a process's group, and kill it if the process has not ended after ENDED seconds."""
    with suppress(ProcessLookupError):  # all of it has ended
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(ENDED)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(ENDED)


def reload(process: subprocess.Popen[bytes], project: Path, port: int, text: str) -> float:
    """Put a text into the greeting and return the seconds until it is answered."""
    [routes] = (project / "src").glob("routes.*")
    edited = re.sub(r"(?<=Hello, Docker ).*(?= Build)", text, routes.read_text())
    begin = time.perf_counter()
    routes.write_text(edited)
    wait_for(process, port, GREETING.replace("Multi-Stage", text), RELOAD)
    return time.perf_counter() - begin


def wait_for(process: subprocess.Popen[bytes], port: int, text: str, limit: float) -> None:
    """Ask until the greeting is this text; raises BenchmarkError after `limit` seconds, or if `make dev` ends."""
    deadline = time.monotonic() + limit
    while True:
        with suppress(OSError):
            if is_greeting(port, text):
                return
        if process.poll() is not None:
            raise BenchmarkError(f"`make dev` has ended with exit code {process.returncode}")
        if time.monotonic() > deadline:
            raise BenchmarkError(f"`make dev` does not answer {text!r} within {limit:.0f} s")
        time.sleep(0.01)
