"""Measures ours, the peers and the references in one run and writes docs/results/benchmark.json, .md and the plots."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import builds, conditions, load, reloads, report, runs, sizes
from benchmarks.bakes import measure_bakes
from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress
from benchmarks.figures import BUSY, figures
from benchmarks.samples import Samples
from benchmarks.variants import ALL, ROOT, Variant, taking_part, write_context

PHASES = ("size", "bake", "start", "build", "dependency", "cold", "load", "busy", "reload", "compress")


def main(arguments: list[str]) -> int:
    """Run the chosen phases; returns 0, or 1 with one line when something fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="repeats of every timing (cold builds: half)")
    parser.add_argument("--phases", default=",".join(PHASES), help=f"of {','.join(PHASES)}")
    parser.add_argument("--only", default="", help="keys of variants with commas, for a quick look")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results", help="folder of the results")
    parser.add_argument("--report-only", action="store_true", help="write the report of an earlier run anew")
    options = parser.parse_args(arguments)
    phases = options.phases.split(",")
    if unknown := set(phases) - set(PHASES):
        parser.error(f"no such phase: {', '.join(sorted(unknown))}")
    if options.report_only:
        earlier = json.loads((options.out / "benchmark.json").read_text())
        report.write(options.out, Samples(earlier["raw"]), earlier["conditions"])
        return 0
    try:
        samples = measure(options, phases)
    except BenchmarkError as error:
        print(f"\nbenchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbenchmark: interrupted; what was measured so far is in the report", file=sys.stderr)
        return 130
    for row in figures(samples):
        sign = "held  " if row.held else "MISSED"
        print(f"{sign}  {row.value:8.3f}  {row.kind} {row.limit:<5}  {row.figure}")
    return 0


def choose(only: str) -> list[Variant]:
    """Return all variants, or those whose keys are named and the images that they run in."""
    names = set(filter(None, only.split(",")))
    wanted = [variant for variant in ALL if not names or variant.key in names]
    needed = {variant.image for variant in wanted}
    return [variant for variant in ALL if variant in wanted or variant.key in needed]


def measure(options: argparse.Namespace, phases: list[str]) -> Samples:
    """Build every image once, take the measurements phase by phase, and remove what was built.

    The report is written after each phase, so that an interrupted run leaves what it has measured.
    """
    variants, rounds = choose(options.only), options.rounds
    run_id = f"{time.time_ns():x}"[-8:]
    samples = Samples()
    builder = Builder(run_id, {})
    with tempfile.TemporaryDirectory(prefix="node-multi-stage-benchmark-") as folder:
        try:
            built = [variant for variant in [*variants, load.WRK] if not variant.image]
            progress = Progress("first builds", len(built))
            for variant in built:
                progress.step(variant.label)
                builder.contexts[variant.key] = write_context(variant, Path(folder), run_id)
                builder.build(variant)
            for phase in PHASES:
                if phase in phases:
                    measure_phase(phase, builder, variants, rounds, samples)
                    report.write(options.out, samples, conditions.describe(rounds))
        finally:
            builder.clean()
    return samples


def measure_phase(phase: str, builder: Builder, variants: list[Variant], rounds: int, samples: Samples) -> None:
    """Take the measurements of one phase, in rounds over all its variants."""
    building = taking_part("build", variants)
    if phase == "size":
        sizes.measure_sizes(builder, taking_part("size", variants), samples)
    elif phase == "bake":
        measure_bakes(rounds, samples)
    elif phase == "start":
        runs.measure_runs(builder, taking_part("start", variants), rounds, samples)
    elif phase == "build":
        builds.measure_rebuilds(builder, building, rounds, samples)
    elif phase == "dependency":
        builds.measure_dependencies(builder, building, rounds, samples)
    elif phase == "cold":
        builds.measure_cold(builder, building, max(1, rounds // 2), samples)
    elif phase == "busy":
        ours = [variant for variant in taking_part("start", variants) if variant.key in BUSY]
        load.measure_busy_stops(builder, ours, samples)
    elif phase == "reload":
        reloads.measure_reloads(taking_part("reload", variants), samples)
    elif phase == "compress":
        sizes.measure_downloads(builder, taking_part("size", variants), samples)
    else:
        load.measure_load(builder, taking_part("load", variants), rounds, samples)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
