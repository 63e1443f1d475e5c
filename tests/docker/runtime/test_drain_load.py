"""A stop under load by clients that know nothing of it: what open connections have sent is answered."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

from support.baking import BIN, ROOT
from support.running import Record
from support.runtime.containers import InstanceFactory

CLIENTS = ROOT / "tests/support/runtime/blind_clients.mjs"


@pytest.mark.parametrize("turn", [1, *(pytest.param(turn, marks=pytest.mark.full) for turn in range(2, 6))])
@pytest.mark.parametrize("published", [False, True], ids=["container's address", "published port"])
def test_nothing_sent_is_lost(
    instance: InstanceFactory,
    published: bool,
    turn: int,  # noqa: ARG001
    record_property: Record,
) -> None:
    """64 clients without a pause, 8 that pipeline, 16 that pause; no delay is set."""
    stopped = instance()
    networks = stopped.container.attrs["NetworkSettings"]["Networks"]
    [address] = [network["IPAddress"] for network in networks.values()]
    host, port = ("127.0.0.1", stopped.port) if published else (address, 3000)
    with subprocess.Popen([BIN / "node", CLIENTS, host, str(port)], stdout=subprocess.PIPE, text=True) as clients:
        time.sleep(2)
        start = time.time()
        stopped.signal("SIGTERM")
        code, seconds = stopped.ended(start)
        output, _ = clients.communicate(timeout=10)
    counts = json.loads(output)
    outcome = ", ".join(f"{counts[kind]} {kind}" for kind in ("answered", "lost", "refused"))
    record_property("measured", f"{outcome}; exit after {seconds:.2f} s")
    assert counts["answered"] > 500
    assert (counts["lost"], counts["refused"]) == (0, 0), counts
    assert (code, seconds < 2) == (0, True), seconds
