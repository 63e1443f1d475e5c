"""`make dev` running beside a test, and what its service says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from support.groups import end
from support.running import Service, is_ready, request, wait_until


@contextmanager
def make_dev(
    service: Service, debug_port: int, *arguments: str, path: str = "/readyz", **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep `make dev` running, once `path` answers; at the end it is interrupted, as by Ctrl-C, and ends by itself."""
    command = ["make", "dev", f"PORT={service.port}", f"DEBUG_PORT={debug_port}", *arguments]
    env = {**os.environ, **environment}
    with subprocess.Popen(command, cwd=service.project.path, start_new_session=True, env=env) as process:
        try:
            assert wait_until(lambda: is_ready(service.port, path), 180), process.poll()
            yield process
        finally:
            end(process)


def body_has(service: Service, text: str, path: str = "/") -> bool:
    """Whether the service's body contains the text; there is none while the service restarts."""
    try:
        return text in request(service.port, path).body
    except (OSError, HTTPException):
        return False
