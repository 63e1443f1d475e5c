"""Measures ours, the peers and the references and writes docs/results/benchmark.json, .md and the plots.

A run adds its rounds to those of an earlier one on the same files and machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bakes, builds, conditions, data, load, reloads, report, runs, sizes
from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress
from benchmarks.contexts import ROOT, write_context
from benchmarks.figures import BUSY, figures
from benchmarks.intervals import FEWEST
from benchmarks.samples import Samples
from benchmarks.variants import ALL, Variant, taking_part

Measure = Callable[[Builder, Sequence[Variant], int, Samples], None]


@dataclass(frozen=True)
class Phase:
    """Measurements that are taken together, of the variants of one group, whose images it may not need."""

    name: str
    group: str
    measure: Measure
    images: bool = True

    def variants(self, among: Sequence[Variant]) -> list[Variant]:
        """Return those of `among` that it measures."""
        found = taking_part(self.group, among)
        return [variant for variant in found if variant.key in BUSY] if self.name == "busy" else found


PHASES = (
    Phase("size", "size", lambda b, v, _, s: sizes.measure_sizes(b, v, s)),
    Phase("bake", "", lambda _b, _v, r, s: bakes.measure_bakes(r, s), images=False),
    Phase("start", "start", runs.measure_runs),
    Phase("load", "load", load.measure_load),
    Phase("busy", "load", load.measure_busy_stops),
    Phase("reads", "reads", data.measure_reads),
    Phase("reload", "reload", lambda _b, v, r, s: reloads.measure_reloads(v, r, s), images=False),
    Phase("build", "build", builds.measure_rebuilds),
    Phase("dependency", "dependency", builds.measure_dependencies),
    Phase("cold", "cold", builds.measure_cold),
    Phase("compress", "size", lambda b, v, _, s: sizes.measure_downloads(b, v, s)),
)


def main(arguments: list[str]) -> int:
    """Run the chosen phases and write the report; returns the exit code.

    That is 0, 1 when something failed, which is said on stderr, or 130 when interrupted. Wrong arguments exit with 2.
    """
    names = [phase.name for phase in PHASES]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=FEWEST, help=f"repeats of every timing, {FEWEST} by default")
    parser.add_argument("--phases", default=",".join(names), help=f"of {','.join(names)}")
    parser.add_argument("--only", default="", help="keys of variants with commas, for a quick look")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results", help="folder of the results")
    parser.add_argument("--report-only", action="store_true", help="write the report of an earlier run anew")
    options = parser.parse_args(arguments)
    chosen = options.phases.split(",")
    if unknown := set(chosen) - set(names):
        parser.error(f"no such phase: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    keys = set(filter(None, options.only.split(",")))
    if unknown := keys - {variant.key for variant in ALL}:
        parser.error(f"no such variant: {', '.join(sorted(unknown))}")
    try:
        samples, described = earlier(options.out) if options.report_only else measure(options, chosen, keys)
    except BenchmarkError as error:
        print(f"\nbenchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbenchmark: interrupted; the phases that were finished are in the report", file=sys.stderr)
        return 130
    report.write(options.out, samples, described)
    for row in figures(samples):
        print(
            f"{row.word:<9}  {row.value:8.3f}  [{row.low:.3f}, {row.high:.3f}]  {row.kind} {row.limit:<5}  {row.figure}"
        )
    for line in conditions.unrest(samples, described):
        print(f"not quiet: {line}")
    return 0


def earlier(folder: Path) -> tuple[Samples, dict[str, str]]:
    """Return what an earlier run wrote into `folder`, and its conditions; raises BenchmarkError if there is none."""
    try:
        content = json.loads((folder / "benchmark.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BenchmarkError(f"no earlier run: {error}") from None
    return Samples(content["raw"]), content["conditions"]


def begin(folder: Path, described: dict[str, str]) -> Samples:
    """Return the samples to add to: those of an earlier run under the same conditions, or none."""
    try:
        samples, before = earlier(folder)
    except BenchmarkError:
        return Samples()
    if conditions.can_continue(before, described):
        print(f"benchmark: adds to the rounds of {before['date']}", flush=True)
        return samples
    print(f"benchmark: the run of {before['date']} was of other files or another machine: begins anew", flush=True)
    return Samples()


def with_images(variants: Sequence[Variant]) -> list[Variant]:
    """Return the variants, and those in whose images they run."""
    needed = {variant.image for variant in variants}
    return [variant for variant in ALL if variant in variants or variant.key in needed]


def measure(options: argparse.Namespace, chosen: list[str], keys: set[str]) -> tuple[Samples, dict[str, str]]:
    """Build every image once, take the measurements phase by phase, and remove what was built.

    The report is written after each phase, so that an interrupted run leaves what it has measured.
    """
    among = [variant for variant in ALL if not keys or variant.key in keys]
    phases = [phase for phase in PHASES if phase.name in chosen]
    described = conditions.describe(options.rounds, os.getloadavg()[0])
    samples = begin(options.out, described)
    run_id = f"{time.time_ns():x}"[-8:]
    builder = Builder(run_id, {})
    variants = with_images([v for phase in phases if phase.images for v in phase.variants(among)])
    with tempfile.TemporaryDirectory(prefix="node-multi-stage-benchmark-") as folder:
        try:
            first_builds(builder, variants, Path(folder))
            with data.surroundings(builder, variants):
                for phase in phases:
                    take(phase, builder, phase.variants(among), options.rounds, samples)
                    report.write(options.out, samples, described)
        finally:
            builder.clean()
    return samples, described


def first_builds(builder: Builder, variants: Sequence[Variant], folder: Path) -> None:
    """Write the contexts and build what is no command in another one's image."""
    built = [variant for variant in [*variants, load.WRK] if not variant.image]
    progress = Progress("first builds", len(built))
    for variant in built:
        progress.step(variant.label)
        builder.contexts[variant.key] = write_context(variant, folder, builder.run_id)
        builder.build(variant)


def take(phase: Phase, builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take the measurements of one phase, and before and after it how quiet the machine is."""
    start = time.monotonic()
    for _ in range(5):
        conditions.calibrate(samples, phase.name)
    if variants or not phase.group:
        phase.measure(builder, variants, rounds, samples)
    for _ in range(5):
        conditions.calibrate(samples, phase.name)
    print(f"{phase.name}: {(time.monotonic() - start) / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
