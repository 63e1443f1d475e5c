"""Runs commands and takes their time; tells the terminal what is being done."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

LIMIT = 1800.0  # seconds, for any command


class BenchmarkError(Exception):
    """A command of the benchmark failed; the text has the command and the end of its output."""


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Return a command's stdout without surrounding blanks.

    Raises:
        BenchmarkError: it failed, or did not end within LIMIT.
    """
    words = [str(word) for word in command]
    try:
        result = subprocess.run(words, cwd=cwd, env=env, capture_output=True, check=False, timeout=LIMIT)
    except subprocess.TimeoutExpired as error:
        output = end_of((error.stdout or b"") + (error.stderr or b""))
        raise BenchmarkError(f"{' '.join(words)}: no end within {LIMIT:.0f} s\n{output}") from None
    if result.returncode:
        output = end_of(result.stdout + result.stderr)
        raise BenchmarkError(f"{' '.join(words)}: exit code {result.returncode}\n{output}")
    return result.stdout.decode().strip()


def end_of(output: bytes) -> str:
    """Return as much of a failed command's output as an error shows."""
    return output.decode(errors="replace")[-3000:]


def seconds(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> float:
    """Return a command's wall-clock time in seconds; raises BenchmarkError if it fails."""
    start = time.perf_counter()
    run(*command, cwd=cwd, env=env)
    return time.perf_counter() - start


class Progress:
    """One line on the terminal that moves on, or one line per round where there is no terminal."""

    def __init__(self, phase: str, total: int) -> None:
        """Start the phase's line; `total` is its number of measurements."""
        self.phase, self.total, self.done = phase, total, 0
        self.start = time.monotonic()
        self.live = sys.stdout.isatty()

    def step(self, what: str) -> None:
        """Say what is measured next."""
        self.done += 1
        elapsed = time.monotonic() - self.start
        line = f"{self.phase:<28} {self.done:>4}/{self.total:<4} {elapsed:5.0f} s  {what}"
        if self.live:
            width = os.get_terminal_size().columns
            print(f"\r{line[: width - 1]:<{width - 1}}", end="\n" if self.done == self.total else "", flush=True)
        elif self.done == self.total or self.done % max(1, self.total // 8) == 0:
            print(line, flush=True)
