"""Runs mutants: `python -m mutants [--slice auto|N[/M]] [--only TEXT] [--results FILE]`; exit status 1 if one survives.

Each is applied to a copy of the repository, uncommitted files included, in which its test then runs.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from mutants.every import MUTANTS
from mutants.mutant import DoesNotApply, Mutant, apply
from support.baking import ROOT
from support.groups import end, kill
from support.repository import copy, repository_files
from support.slices import members, slice_number

WORKERS = 2
# One of them takes one to two minutes.
SLICES = 60
# Seconds; a test that a mutant makes hang ends by its own limit before: a batch of packages has 1800.
PATIENCE = 2000
GRACE = 15.0  # seconds of an interrupted test; the engine's `run` gives us 20
TESTS_FAILED = 1
# Each leads a group of its own, which no Ctrl-C reaches.
RUNNING: set[subprocess.Popen[str]] = set()


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: `killed`, `survived` or, with the reason, `broken`; seconds it took."""

    mutant: Mutant
    what: str
    seconds: float
    reason: str = ""


def pytest(
    root: Path, tests: Iterable[str], *options: str, limit: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run these tests of the copy at `root`; never raises for a failing one.

    Raises subprocess.TimeoutExpired after `limit` seconds, and ends all that they have started.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *options]
    paths = [f"tests/{test}" for test in tests]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PYTHONPATH"))}
    with subprocess.Popen(
        [*command, *paths],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        RUNNING.add(process)
        try:
            output, _ = process.communicate(timeout=limit)
        except BaseException:
            # Its workers, makes and services, too; the fixtures that it tears down remove what they have in Docker.
            end(process, seconds=GRACE)
            raise
        finally:
            RUNNING.discard(process)
    return subprocess.CompletedProcess(command, process.returncode, output)


def judge(mutant: Mutant, paths: list[str]) -> Verdict:
    """Apply a mutant to a copy of these files and run its test there."""
    start = time.monotonic()
    what, reason = "broken", ""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        root = copy(paths, Path(folder))
        try:
            apply(mutant, root, paths)
            result = pytest(root, [mutant.test], limit=PATIENCE)
            what = {0: "survived", TESTS_FAILED: "killed"}.get(result.returncode, "broken")
            reason = "" if what == "killed" else result.stdout
        except (DoesNotApply, subprocess.TimeoutExpired) as error:
            reason = str(error)
    verdict = Verdict(mutant, what, time.monotonic() - start, reason)
    print(f"  {what:8}  {mutant.name} ({verdict.seconds:.1f} s)\n{reason}".rstrip(), flush=True)
    return verdict


def without_mutants(chosen: list[Mutant], paths: list[str]) -> str:
    """Run the tests on an unchanged copy: one that fails anyway kills nothing. Return its output if one does."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tests = sorted({mutant.test for mutant in chosen})
        result = pytest(copy(paths, Path(folder)), tests, "-n", str(WORKERS)) if tests else None
    return "" if result is None or result.returncode == 0 else result.stdout


def run(chosen: list[Mutant]) -> list[Verdict]:
    """Judge these mutants, those without Docker side by side; raises SystemExit if a test fails unmutated."""
    paths = repository_files()
    if output := without_mutants(chosen, paths):
        raise SystemExit(f"{output}\nThese tests fail without any mutant.")
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        try:
            verdicts = list(pool.map(lambda m: judge(m, paths), (m for m in chosen if not m.docker)))
        except BaseException:
            # The pool would wait for them.
            for process in list(RUNNING):
                kill(process)
            raise
    return verdicts + [judge(mutant, paths) for mutant in chosen if mutant.docker]


def summary(verdicts: list[Verdict]) -> str:
    """Say in one line how it went."""
    killed = sum(verdict.what == "killed" for verdict in verdicts)
    survivors = [verdict.mutant.name for verdict in verdicts if verdict.what != "killed"]
    return f"{killed} of {len(verdicts)} mutants killed" + (
        f"; not killed: {', '.join(survivors)}" if survivors else ""
    )


def report(verdicts: list[Verdict], name: str) -> str:
    """Return the page that `--results` writes for the part of this name."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    clean = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode == 0
    seconds = sum(verdict.seconds for verdict in verdicts)
    rows = [f"| {v.mutant.name} | `{v.mutant.file}` | {v.what} | {v.mutant.why} |" for v in verdicts]
    return "\n".join(
        [
            "# Mutants",
            "",
            "Single changes for the worse, each with the test that must fail because of it. "
            f"Written by `make test-all PART={name}`.",
            "",
            f"{summary(verdicts)}. Commit {commit.stdout.strip()}{'' if clean else ' with changes'}, "
            f"{datetime.now(timezone.utc):%Y-%m-%d}, {seconds / 60:.0f} minutes of tests.",
            "",
            "| change | file | outcome | why it matters |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> int:
    """Run what the arguments choose; return the exit status."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--slice", help=f"0 to {SLICES - 1}, or auto: by the hash of the tested tree; 1/3: the second third"
    )
    parser.add_argument("--only", default="", help="a part of the name or of the file")
    parser.add_argument("--results", type=Path, help="write this page about the run")
    arguments = parser.parse_args()
    # As at a Ctrl-C, no test goes on alone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = MUTANTS
    print(f"{len(MUTANTS)} mutants in the list", flush=True)
    if arguments.slice:
        given, _, count = arguments.slice.partition("/")
        slices = int(count or SLICES)
        number = slice_number(slices, "" if given == "auto" else given)
        chosen = members(chosen, number, slices)
        again = f"{number}/{count}" if count else number
        print(f"slice {number} of {slices}: {len(chosen)} mutants (the same again: SLICE={again})", flush=True)
    verdicts = run([mutant for mutant in chosen if arguments.only in f"{mutant.name} {mutant.file}"])
    print(summary(verdicts))
    if arguments.results:
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(report(verdicts, arguments.results.stem), encoding="utf-8")
    return 0 if verdicts and all(verdict.what == "killed" for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
