"""Requests per second, latency and stops at 64 connections, by wrk in the server's own network namespace."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress, run, seconds
from benchmarks.runs import KILLED, started, wait_for_answer
from benchmarks.samples import Samples, rotated
from benchmarks.variants import Variant, by_framework

CONNECTIONS = 64
# Few: when all begin at once, V8 allocates the objects of fastify's requests as old ones in some runs and not in others
# (150 or 12 MB made old in two seconds by --trace-gc; 12 in each of ten with --no-allocation-site-pretenuring).
WARM_UP_CONNECTIONS = 4
WARM_UP, DURATION = 1, 2  # seconds
WRK = Variant("wrk", "wrk", "reference", frozenset(), target="wrk")
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def measure_load(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `requests_per_s`, `p50_ms` and `p99_ms` after a warm-up; a failed request ends the run."""
    progress = Progress("load", rounds * len(variants))
    for number in range(rounds):
        for variant in rotated(by_framework(variants), number):
            progress.step(variant.label)
            for measure, value in ask(builder, variant, "/", "--log-opt", "max-size=20m").items():
                samples.add(measure, variant.key, value)


def ask(builder: Builder, variant: Variant, path: str, *options: str) -> dict[str, float]:
    """Start a variant, load one path of it after a warm-up, and return the figures of wrk's report."""
    with started(builder, variant, *options) as (name, port):
        wait_for_answer(port, name)
        wrk(builder, name, WARM_UP, path, WARM_UP_CONNECTIONS)
        return parse(wrk(builder, name, DURATION, path))


def measure_busy_stops(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `busy_stop_s`: `docker stop` while CONNECTIONS clients ask without a pause.

    A service that has to be killed shows in the time; one that crashes is fast, and ends the run.
    """
    progress = Progress("stops under load", rounds * len(variants))
    for number in range(rounds):
        for variant in rotated(variants, number):
            progress.step(variant.label)
            with started(builder, variant) as (name, port):
                wait_for_answer(port, name)
                asking = ("--connections", str(CONNECTIONS), "--threads", "1", "--duration", "60s")
                network = ("--name", f"{name}-clients", "--network", f"container:{name}")
                try:
                    run("docker", "run", "--detach", *network, builder.image(WRK), *asking, "http://127.0.0.1:3000/")
                    time.sleep(WARM_UP)
                    samples.add("busy_stop_s", variant.key, seconds("docker", "stop", name))
                finally:
                    run("docker", "rm", "--force", f"{name}-clients")
                code = run("docker", "inspect", "--format", "{{.State.ExitCode}}", name)
                if float(code) not in (0.0, KILLED):
                    raise BenchmarkError(f"{variant.key} ends with exit code {code} when it is stopped under load")


def wrk(builder: Builder, name: str, duration: int, path: str, connections: int = CONNECTIONS) -> str:
    """Load the service in container `name` for `duration` seconds and return wrk's report."""
    options = ("--threads", "1", "--connections", str(connections), "--duration", f"{duration}s", "--latency")
    network = ("--rm", "--network", f"container:{name}")
    return run("docker", "run", *network, builder.image(WRK), *options, f"http://127.0.0.1:3000{path}")


def parse(report: str) -> dict[str, float]:
    """Return the figures in wrk's report; raises BenchmarkError for one with failed requests."""
    if "Non-2xx" in report or "Socket errors" in report:
        raise BenchmarkError(report)
    found = re.search(r"Requests/sec:\s+([\d.]+)", report)
    shares = {p: re.search(rf"{p}%\s+([\d.]+)(us|ms|s)\b", report) for p in (50, 99)}
    if not found or not all(shares.values()):
        raise BenchmarkError(report)
    times = {f"p{p}_ms": float(m[1]) * UNITS[m[2]] for p, m in shares.items() if m}
    return {"requests_per_s": float(found[1]), **times}
