"""Processes of tests that lead a group of their own, as a shell's do: ended with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import AnyStr


def kill(process: subprocess.Popen[AnyStr]) -> None:
    """Kill a process and all of its group, and wait for the process."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end(
    process: subprocess.Popen[AnyStr], signum: signal.Signals = signal.SIGINT, seconds: float = 60
) -> tuple[AnyStr, AnyStr]:
    """Send a signal to a process and its group, by default Ctrl-C's; return what it has yet printed.

    Raises subprocess.TimeoutExpired if it has not ended after `seconds`; then all of it is killed.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signum)
    try:
        return process.communicate(timeout=seconds)
    except BaseException:
        kill(process)
        raise
