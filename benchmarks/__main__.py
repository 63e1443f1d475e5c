"""Measures ours, the peers and the floors in one run and writes docs/benchmark.json, .md and the plots."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import builds, conditions, load, report, runs, sizes
from benchmarks.bakes import measure_bakes
from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress
from benchmarks.figures import figures
from benchmarks.samples import Samples
from benchmarks.variants import ALL, ROOT, Variant, taking_part, write_context

PHASES = ("size", "bake", "start", "build", "dependency", "cold", "load")


def main(arguments: list[str]) -> int:
    """Run the chosen phases; returns 0, or 1 with one line when something fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="repeats of every timing (load: a third)")
    parser.add_argument("--phases", default=",".join(PHASES), help=f"of {','.join(PHASES)}")
    parser.add_argument("--only", default="", help="keys of variants with commas, for a quick look")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the results")
    parser.add_argument("--no-compress", action="store_true", help="leave out compressed sizes (minutes)")
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
        chosen = choose(options.only)
        samples = measure(chosen, phases, options.rounds, not options.no_compress)
    except BenchmarkError as error:
        print(f"\nbenchmark: {error}", file=sys.stderr)
        return 1
    report.write(options.out, samples, conditions.describe(options.rounds))
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


def measure(variants: list[Variant], phases: list[str], rounds: int, compress: bool) -> Samples:
    """Build every image once, take the measurements, and remove what was built."""
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
            measure_phases(builder, variants, phases, rounds, compress, samples)
        finally:
            builder.clean()
    return samples


def measure_phases(
    builder: Builder,
    variants: list[Variant],
    phases: list[str],
    rounds: int,
    compress: bool,
    samples: Samples,
) -> None:
    """Take the measurements of the phases, each in rounds over all variants."""
    building = taking_part("build", variants)
    if "size" in phases:
        sizes.measure_sizes(builder, taking_part("size", variants), samples, compress)
    if "bake" in phases:
        measure_bakes(rounds, samples)
    if "start" in phases:
        runs.measure_runs(builder, taking_part("start", variants), rounds, samples)
    if "build" in phases:
        builds.measure_rebuilds(builder, building, rounds, samples)
    if "dependency" in phases:
        builds.measure_dependencies(builder, building, rounds, samples)
    if "cold" in phases:
        builds.measure_cold(builder, building, max(1, rounds // 2), samples)
    if "load" in phases:
        load.measure_load(builder, taking_part("load", variants), max(3, rounds // 3), samples)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
