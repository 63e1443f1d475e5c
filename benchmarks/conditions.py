"""Says under which conditions a run took place: machine, engine, base images, files, and how quiet it was."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import quantiles

from benchmarks.commands import run
from benchmarks.samples import Samples
from support.repository import repository_files, tree_hash

ROOT = Path(__file__).resolve().parents[1]
BASES = (
    "node:26-trixie",
    "node:26-trixie-slim",
    "debian:trixie-slim",
    "gcr.io/distroless/nodejs26-debian13:nonroot",
)


# Of these a run's numbers follow; the pages and the arithmetic about them are read anew each time.
MEASURED = (
    "{{cookiecutter.project_slug}}/",
    "templates/",
    "extension/",
    "hooks/",
    "cookiecutter.json",
    "local_extensions.py",
    "tools/engine/",
    "benchmarks/",
)
READ_ANEW = tuple(f"benchmarks/{name}.py" for name in ("figures", "intervals", "plots", "report"))
# What two runs must have in common, so that the second one adds rounds to the first.
SAME = ("measured files", "processor", "memory", "kernel", "Docker Engine", "storage driver", "node", "base images")
LOOP = 1_000_000  # bytes hashed LOOPS times: about 50 ms
LOOPS = 30
# A machine is quiet while fewer than this share of its cores is busy with other work, and fixed work takes as long.
QUIET_LOAD, QUIET_SPREAD = 0.25, 1.15


def describe(rounds: int, load: float) -> dict[str, str]:
    """Return the conditions, each under its name; `load` is the machine's before the run began."""
    bases = {name: run("docker", "image", "inspect", "--format", "{{.Size}}", name) for name in BASES}
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "rounds": str(rounds),
        "commit": run("git", "rev-parse", "--short", "HEAD", cwd=ROOT),
        "measured files": measured_files(),
        "processor": processor(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "kernel": platform.release(),
        "load average before": f"{load:.2f}",
        "Docker Engine": run("docker", "version", "--format", "{{.Server.Version}}"),
        "storage driver": run("docker", "info", "--format", "{{.Driver}}"),
        "buildx": run("docker", "buildx", "version").split()[1],
        "node": run("docker", "run", "--rm", BASES[0], "node", "--version"),
        "base images": ", ".join(f"{name} {int(size) / 1e6:.0f} MB" for name, size in bases.items()),
        "origin of the base images": origin(),
    }


def measured_files() -> str:
    """Return the hash of all files that the numbers follow from, uncommitted changes included."""
    return f"{tree_hash(measured_names()):064x}"[:16]


def measured_names() -> list[str]:
    """Return the paths of those files."""
    found = [name for name in repository_files() if name.startswith(MEASURED) and name not in READ_ANEW]
    return [name for name in found if not name.endswith(".md")]


def can_continue(earlier: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether rounds of both runs may stand in one list."""
    return all(earlier.get(name) == now[name] for name in SAME)


def calibrate(samples: Samples, phase: str) -> None:
    """Take `calibration_ms`: how long fixed work of this process takes while nothing of ours runs."""
    block = bytes(LOOP)
    begin = time.perf_counter()
    for _ in range(LOOPS):
        hashlib.sha256(block).digest()
    samples.add("calibration_ms", phase, 1000 * (time.perf_counter() - begin))


def unrest(samples: Samples, conditions: Mapping[str, str]) -> list[str]:
    """Return what says that other work disturbed the run; nothing if the machine was quiet."""
    found = []
    load, cores = float(conditions.get("load average before", 0)), os.cpu_count() or 1
    if load > QUIET_LOAD * cores:
        found.append(f"the load before it was {load:.2f} on {cores} cores")
    for phase in samples.raw.get("calibration_ms", {}):
        times = samples.values("calibration_ms", phase)
        if len(times) > 2:
            spread = quantiles(times, n=10, method="inclusive")[-1] / min(times)
            if spread > QUIET_SPREAD:
                found.append(f"in the phase {phase} the same work took up to {spread:.2f} of its least")
    return found


def processor() -> str:
    """The processor's name and the number of its cores that this process may use."""
    model = platform.machine()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{model}, {len(os.sched_getaffinity(0))} cores"


def origin() -> str:
    """Whether the base images were pulled or are stand-ins."""
    tags = run("docker", "image", "inspect", "--format", "{{.RepoTags}}", BASES[0])
    if "stand-in" in tags:
        return "stand-ins made of Debian's and npm's packages, as no registry answered"
    return "pulled"
