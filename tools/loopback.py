"""What tests, benchmarks and the demonstration share: the tutorial's greeting, and free ports to ask for it."""

from __future__ import annotations

import errno
import secrets
import socket

GREETING = "Hello, Docker Multi-Stage Build!"


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free at the moment; raises OSError if none can be had.

    It is below those that Linux gives to connections, any of which may take one at once (ip_local_port_range).
    """
    while True:
        port = 10_000 + secrets.randbelow(22_768)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
