"""Writes docs/results/benchmark.json, docs/results/benchmark.md and the plots from the measurements."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from math import inf
from pathlib import Path

from benchmarks import plots
from benchmarks.conditions import unrest
from benchmarks.contexts import HERE
from benchmarks.figures import figures
from benchmarks.intervals import difference, quotient, quotient_above_floor
from benchmarks.samples import Raw, Samples
from benchmarks.variants import ALL, Variant, taking_part

ABSENT = """\
Not compared, because their base images cannot be had where this was measured, and nothing is guessed for them: Docker
Hardened Images (which Docker's guide begins with; its style stands here on Debian), Alpine (`node:26-alpine`, musl),
Chainguard, and buildpacks (Paketo, Heroku, Railpack). Any of them may be smaller.
"""
METHOD = """\
Cold: no layer of the build is cached and the package manager's cache is empty; base images are there.
After an edit: one comment line in `src/app`. After a dependency: one more package in manifest and lockfile,
each round another one that no cache has seen. The start's clock runs from the process's start, as the engine tells
it, to the first 200. The floor of a start is the static C server in `scratch`. Requests per second: wrk, 64
connections after a warm-up with 4, in the server's own network namespace, on the same cores. A reload's clock runs from
writing the file to the first answer that shows it; a request in flight is one whose body never ends. Binaries for
another platform: machine code below `node_modules` for another system, processor or C library.

The real service ([benchmarks/service](../../benchmarks/service)) is laid over a bake as
[bring-your-app.md](../bring-your-app.md) says; each peer builds the same files by a Dockerfile in its own style. It
connects to nothing before it is asked.

Variants take part in every round, in another order each time, except: builds that decide nothing (one round), peers
from which the best is picked (two, the best one in all), and the bake with an engine that hangs (three). A figure is
the median over the rounds of the quotient, or the difference, within one round. Its interval is that of 95 % of 2,000
resamplings of whole rounds. It is held, or missed, where the whole interval is on one side of the limit, else
unsettled, and so is what has fewer than six rounds. Another `make bench` on the same files and machine adds rounds:
`make bench PHASES=start ROUNDS=20`.
"""


def write(folder: Path, samples: Samples, conditions: dict[str, str]) -> None:
    """Write all results into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    # JSON has no infinity, which is what stands above a floor that the other one does not reach.
    rows = [
        {name: None if value in (inf, -inf) else value for name, value in asdict(figure).items()}
        for figure in figures(samples)
    ]
    content = {"ratios": rows, "conditions": conditions, "raw": samples.raw}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    # One list per line: a list of measurements is read as one thing.
    text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)
    # By a rename, so that an interrupted run leaves the rounds of the earlier one.
    new = folder / "benchmark.json.new"
    new.write_text(f"{text}\n")
    new.replace(folder / "benchmark.json")
    names = plots.write(folder, samples)
    (folder / "benchmark.md").write_text(markdown(samples, conditions, names))


def markdown(samples: Samples, conditions: dict[str, str], pictures: Sequence[str]) -> str:
    """Return the whole page."""
    parts = ["# Benchmark", "Written by `make bench`; every number is in [benchmark.json](benchmark.json)."]
    if disturbed := unrest(samples, conditions):
        parts.append(f"**The machine was not quiet**: {'; '.join(disturbed)}.")
    parts += [f"![{name.removesuffix('.svg').removeprefix('benchmark-')}]({name})" for name in pictures]
    sections = (
        ("What ours must reach", limits(samples)),
        ("The same quotients for the references, and for ours on other images", quotients(samples)),
        ("Images", sizes(samples)),
        ("Builds, seconds", builds(samples)),
        ("Starts, stops, memory", starts(samples)),
        ("Load", load(samples)),
        ("Reads by key", reads(samples)),
        ("Reloads of `make dev`, seconds", reloads(samples)),
        ("Bakes", bakes(samples)),
        ("How it was measured", METHOD + ABSENT),
    )
    parts += [f"## {title}\n\n{content}" for title, content in sections if content]
    parts += [table(("condition", ""), conditions.items()), (HERE / "tried.md").read_text()]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns after the first are right-aligned."""
    lines = [" | ".join(head), " | ".join(["---", *["---:"] * (len(head) - 1)])]
    return "\n".join(f"| {line} |" for line in [*lines, *(" | ".join(row) for row in rows)])


def limits(samples: Samples) -> str:
    """The figures with their limits."""
    rows = [
        (
            *(f.figure, f"{f.value:g}", "" if f.low == f.high else f"{f.low:g} to {f.high:g}"),
            *(f"{f.kind} {f.limit:g}", str(f.runs), f.word if f.held else f"**{f.word}**"),
        )
        for f in figures(samples)
    ]
    return table(("figure", "value", "interval", "limit", "rounds", ""), rows) if rows else ""


# A quotient of one measure: its title, the measure, and the variants above and below the line. Those beside the
# tutorial's have no limit: they depend on the base image that one picks for it.
QUOTIENTS = (
    ("image ÷ the tutorial's", "image_mb", "ours-express", "tutorial"),
    ("image ÷ the tutorial's: Node, its libraries and CA bundle alone", "image_mb", "node", "tutorial"),
    ("gzip for pull ÷ the tutorial's", "gzip_mb", "ours-express", "tutorial"),
    ("real service: gzip for pull ÷ the tutorial's", "gzip_mb", "service-ours", "service-tutorial"),
    ("real service: gzip for pull ÷ Docker's guide style", "gzip_mb", "service-ours", "service-docker-guide"),
    ("start ÷ the tutorial's", "start_ms", "ours-express", "tutorial"),
    ("start ÷ the tutorial's: static server", "start_ms", "static", "tutorial"),
    ("start ÷ the tutorial's: bare node:http", "start_ms", "bare-http", "tutorial"),
    ("cold build ÷ docker init style: ours on slim", "cold_s", "ours-slim", "docker-init"),
    ("cold build ÷ docker init style: ours on distroless", "cold_s", "ours-distroless", "docker-init"),
)


def quotients(samples: Samples) -> str:
    """What a figure can be compared with: quotients of a reference, which does less than a service, and so on."""
    rows = [
        (title, f"{quotient(rounds):.3f}")
        for title, measure, above, below in QUOTIENTS
        if (rounds := samples.rounds((measure, above), (measure, below)))
    ]
    for framework in ("bare-express", "bare-fastify"):
        if rounds := samples.rounds(*(("start_ms", variant) for variant in (framework, "bare-http", "static"))):
            title = f"start above the floor ÷ bare node:http's: {framework.replace('-', ' ')}"
            rows.append((title, f"{quotient_above_floor(rounds):.3f}"))
    return table(("quotient", "value"), rows) if rows else ""


def medians(samples: Samples, group: str, columns: dict[str, str]) -> str:
    """A table of medians of one group's variants; `columns` maps a measure to its heading."""
    shown = {measure: head for measure, head in columns.items() if samples.raw.get(measure)}
    rows = [row(samples, variant, shown) for variant in taking_part(group, ALL)]
    return table(("variant", *shown.values()), [r for r in rows if any(r[1:])]) if shown else ""


def row(samples: Samples, variant: Variant, columns: Iterable[str]) -> list[str]:
    """One variant's medians, blank where it was not measured."""
    cells = [variant.label]
    for measure in columns:
        show: Callable[[float], str] = "{:.0f}".format if measure in WHOLE else "{:.2f}".format
        has = samples.has(measure, variant.key)
        cells.append(show(samples.median(measure, variant.key)) if has else "")
    return cells


WHOLE = {"start_ms", "above_ms", "files", "packages", "requests_per_s", "reads_per_s", "exit_code", "memory_mb"}


def sizes(samples: Samples) -> str:
    """The images' sizes."""
    columns = {"image_mb": "MB", "gzip_mb": "gzip MB", "files": "files", "packages": "packages"}
    return medians(samples, "size", {**columns, "foreign_mb": "MB for another platform"})


def builds(samples: Samples) -> str:
    """The build times."""
    columns = {"cold_s": "cold", "edit_s": "after an edit", "dependency_s": "after a dependency"}
    return medians(samples, "cold", {**columns, "version_s": "after a version edit", "unchanged_s": "nothing changed"})


def starts(samples: Samples) -> str:
    """The start and stop times and the memory."""
    timed: Raw = dict(samples.raw)
    if samples.has("start_ms", "static"):
        timed["above_ms"] = {
            key: [difference(rounds)]
            for key in samples.raw["start_ms"]
            if (rounds := samples.rounds(("start_ms", key), ("start_ms", "static")))
        }
    columns = {"start_ms": "start to first 200, ms", "above_ms": "above the floor, ms", "stop_s": "stop, s"}
    columns |= {"busy_stop_s": "with 64 clients, s", "exit_code": "exit code", "memory_mb": "resident MB, idle"}
    return medians(Samples(timed), "start", columns)


def reloads(samples: Samples) -> str:
    """The times from an edit to the answer that shows it."""
    return medians(samples, "reload", {"reload_s": "after an edit", "reload_in_flight_s": "a request in flight"})


def load(samples: Samples) -> str:
    """Throughput and latency."""
    columns = {"requests_per_s": "requests/s", "p50_ms": "p50 ms", "p99_ms": "p99 ms"}
    return medians(samples, "load", columns)


def reads(samples: Samples) -> str:
    """Requests per second for one row of a database."""
    return medians(samples, "reads", {"reads_per_s": "requests/s"})


BAKES = {
    "one-file": "a template of one file",
    "ours": "ours",
    "before": "ours, before version 1.0.0",
    "ours-without-hook": "ours, without its hook",
    "ours-hanging-engine": "ours, with an engine that hangs",
}


def bakes(samples: Samples) -> str:
    """The bake times."""
    times = samples.raw.get("bake_s", {})
    rows = [(BAKES[kind], f"{samples.median('bake_s', kind):.2f}") for kind in times]
    return table(("bake by command", "seconds"), rows) if rows else ""
