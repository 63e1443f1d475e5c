"""What every application that moved in must do: the targets of make that its owner uses every day."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from loopback import free_port
from support.development import make_dev
from support.moved_in.moved import Moved, succeeds
from support.running import Record, Service

Use = Callable[[Service], None]


def assert_every_target_works(moved: Moved, use: Use, record: Record) -> None:
    """Run it, develop it, test it, compare its size: `use` asks the same of it in production and in development."""
    service, start = moved.service, time.monotonic()
    service.run()
    try:
        use(service)
    except BaseException:
        print(*service.logs(), sep="\n")
        raise
    stop(moved)
    succeeds(service, "stop")
    assert succeeds(service, "test").rstrip().splitlines()[-1].startswith("passed: ")
    assert "% saved" in succeeds(service, "size")
    with make_dev(service, free_port(), path=moved.application.health):
        use(service)
    megabytes, seconds = service.image.attrs["Size"] / 1e6, time.monotonic() - start
    figures = f"changed lines: {moved.lines}, image {megabytes:.1f} MB, {seconds:.0f} s"
    record("measured", f"{moved.application.name}: {figures}")


def stop(moved: Moved) -> None:
    """A stop ends it in order and well within the engine's ten seconds; its own server may end by the signal."""
    container = moved.service.container
    start = time.monotonic()
    container.stop(timeout=9)
    in_order = (0, 128 + signal.SIGTERM) if moved.application.entry else (0,)
    assert moved.service.container.attrs["State"]["ExitCode"] in in_order, container.logs().decode()
    assert time.monotonic() - start < 5
