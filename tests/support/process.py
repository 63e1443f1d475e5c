"""A generated service as a plain process of this machine, from its sources."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loopback import free_port
from support.baking import BIN, BakedProject
from support.installed import real_node
from support.running import wait_until

LIMIT = 20.0  # seconds for a start, and for an end


@dataclass(frozen=True)
class Process:
    """A service that was started: its port, and the file that it prints to."""

    port: int
    running: subprocess.Popen[bytes]
    output: Path

    @property
    def printed(self) -> str:
        """What it has printed up to now."""
        return self.output.read_text(encoding="utf-8")

    def ended(self) -> int:
        """Wait for its end; return the exit status. Raises subprocess.TimeoutExpired after LIMIT."""
        return self.running.wait(LIMIT)

    def stop(self) -> int:
        """Send SIGTERM and wait; return the exit status."""
        self.running.send_signal(signal.SIGTERM)
        return self.ended()


@contextmanager
def starting(project: BakedProject, **settings: str) -> Iterator[Process]:
    """Start the sources with these settings, and yield at once; what is left of it at the end is killed."""
    language = "ts" if project.answers["language"] == "typescript" else "js"
    port = free_port()
    output = project.path.parent / f"output-{port}"
    with (
        output.open("wb") as file,
        subprocess.Popen(
            [real_node(), "--no-warnings", f"src/server.{language}"],
            cwd=project.path,
            env={"PATH": str(BIN), "PORT": str(port), "HOST": "127.0.0.1", **settings},
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Process(port, process, output)
        finally:
            process.kill()


@contextmanager
def started(project: BakedProject, **settings: str) -> Iterator[Process]:
    """Start the sources with these settings, and yield once it listens; fails the test if it does not."""
    with starting(project, **settings) as process:
        wait_until(lambda: '"listening"' in process.printed or process.running.poll() is not None, LIMIT)
        assert '"listening"' in process.printed, process.printed
        yield process
