"""Another service, for the recipe that calls one: a container with a certificate of a CA that nobody else knows."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from support.company.surroundings import archive, loopback, published
from support.running import request, wait_until

NAME = "items.test"
CONTROL = "8081/tcp"
FOLDER = "/tmp"  # noqa: S108 (in the container)
START = f"""
set -eu
cd {FOLDER}
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
openssl req -x509 $key -subj '/CN=Private test CA' -keyout ca.key -out ca.pem
openssl req -x509 $key -subj /CN={NAME} -CA ca.pem -CAkey ca.key -keyout tls.key -out tls.pem \
  -addext subjectAltName=DNS:{NAME} -addext basicConstraints=CA:FALSE
exec node upstream.mjs
"""


@dataclass(frozen=True)
class Upstream:
    """The running container."""

    container: Container

    @property
    def port(self) -> int:
        """Where a test controls it, on 127.0.0.1."""
        return published(self.container)[CONTROL]

    @property
    def authority(self) -> str:
        """Its CA's certificate, in PEM."""
        output: bytes = self.container.exec_run(["cat", f"{FOLDER}/ca.pem"]).output  # type: ignore[assignment]
        return output.decode()

    def answer(self, how: str) -> None:
        """Let it answer in one of the ways that upstream.mjs names, and forget what it was asked."""
        request(self.port, "/", "POST", how)

    def calls(self) -> list[dict[str, Any]]:
        """Return what it was asked: method, url, and traceparent if there was one."""
        found: list[dict[str, Any]] = json.loads(request(self.port).body)
        return found

    def is_up(self) -> bool:
        """Whether it answers."""
        self.container.reload()
        assert self.container.status == "running", self.container.logs().decode()
        try:
            return request(self.port).status == 200
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def upstream(client: docker.DockerClient, image: str) -> Iterator[Upstream]:
    """Run it in a container of an image that has Node and openssl; remove it at the end."""
    container = client.containers.create(image, ["sh", "-c", START], ports=loopback(CONTROL), init=True)
    program = Path(__file__).with_name("upstream.mjs").read_bytes()
    try:
        container.put_archive(FOLDER, archive({"upstream.mjs": program}))
        container.start()
        running = Upstream(container)
        assert wait_until(running.is_up, 30), container.logs().decode()
        yield running
    finally:
        container.remove(force=True, v=True)
