"""Says under which conditions a run took place: machine, engine, base images, versions, time."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.commands import BenchmarkError, run

BASES = (
    "node:26-trixie",
    "node:26-trixie-slim",
    "debian:trixie-slim",
    "gcr.io/distroless/nodejs26-debian13:nonroot",
)


def describe(rounds: int) -> dict[str, str]:
    """Return the conditions, each under its name."""
    bases = {name: run("docker", "image", "inspect", "--format", "{{.Size}}", name) for name in BASES}
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "rounds": str(rounds),
        "processor": processor(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "kernel": platform.release(),
        "load average at the end": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "Docker Engine": run("docker", "version", "--format", "{{.Server.Version}}"),
        "storage driver": run("docker", "info", "--format", "{{.Driver}}"),
        "buildx": run("docker", "buildx", "version").split()[1],
        "node": run("docker", "run", "--rm", BASES[0], "node", "--version"),
        "base images": ", ".join(f"{name} {int(size) / 1e6:.0f} MB" for name, size in bases.items()),
        "origin of the base images": origin(),
    }


def processor() -> str:
    """The processor's name and the number of its cores that this process may use."""
    model = platform.machine()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{model}, {os.cpu_count()} cores"


def origin() -> str:
    """Whether the base images were pulled or are stand-ins."""
    with suppress(BenchmarkError):
        tags = run("docker", "image", "inspect", "--format", "{{.RepoTags}}", BASES[0])
        if "stand-in" in tags:
            return "stand-ins made of Debian's and npm's packages, as no registry answered"
    return "pulled"
