"""Runs one external command at a time, prints one line per step, and turns failures into one-line errors."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path


class EngineError(Exception):
    """Something the user can act on; its text is one line and is all that is shown."""


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived; `signum` says which. Not an Exception, so nothing swallows it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def raise_on_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into `Interrupted`, so that every `finally` runs."""

    def interrupt(signum: int, _frame: object) -> None:
        ignore_signals()  # a second Ctrl-C must not cut the clean-up short
        raise Interrupted(signum)

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, interrupt)


def ignore_signals() -> None:
    """Let the clean-up run to its end."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)


def say(text: str) -> None:
    """Print one line on stderr: stdout belongs to the command that `run` wraps."""
    print(f"engine: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print `text` and, once the body is done, the seconds it took."""
    start = time.monotonic()
    yield
    say(f"{text} ({time.monotonic() - start:.1f} s)")


def call(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    stdin: str | None = None,
) -> str:
    """Run a command and return what it wrote to stdout.

    The command gets a process group of its own, which is killed when we are interrupted or `timeout`
    (seconds) passes, so that no step outlives us.

    Raises:
        EngineError: it failed, timed out or does not exist; the text ends with its last line of output.
    """
    name = " ".join(str(word) for word in command[:3])
    try:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=None if env is None else dict(env),
            cwd=cwd,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=partial(die_with_us, signal.SIGKILL),
        )
    except OSError as error:
        raise EngineError(f"{name}: {error.strerror}") from None
    try:
        out, err = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        kill_group(process)
        raise EngineError(f"{name}: no answer within {timeout:.0f} s") from None
    except BaseException:
        kill_group(process)
        raise
    if process.returncode != 0:
        lines = [line for line in (err.strip() or out.strip()).splitlines() if line.strip()]
        raise EngineError(f"{name}: {lines[-1].strip() if lines else f'exit code {process.returncode}'}")
    return out


def die_with_us(signum: int) -> None:
    """For Popen's preexec_fn: signal the process when we are killed, so that nothing works on alone."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1  # prctl(2)
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signum)


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a process started as leader of its own group, with all its children, and reap it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
