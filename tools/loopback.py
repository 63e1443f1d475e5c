"""What tests, benchmarks and the demonstration share: the tutorial's greeting, and free ports to ask for it."""

from __future__ import annotations

import socket

GREETING = "Hello, Docker Multi-Stage Build!"


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
