"""Another service, for the recipe that calls one: a container with a certificate of a CA that nobody else knows."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from support.recipes.certificates import openssl
from support.recipes.server_beside import FOLDER, ServerBeside, server_beside

NAME = "items.test"
START = f"{openssl(NAME)} exec node upstream.mjs"


@dataclass(frozen=True)
class Upstream(ServerBeside):
    """The running container."""

    @property
    def authority(self) -> str:
        """Its CA's certificate, in PEM."""
        output: bytes = self.container.exec_run(["cat", f"{FOLDER}/ca.pem"]).output  # type: ignore[assignment]
        return output.decode()

    def answer(self, how: str) -> None:
        """Let it answer in one of the ways that upstream.mjs names, and forget what it was asked."""
        self.control(body=how)

    def calls(self) -> list[dict[str, Any]]:
        """Return what it was asked: method, url, and traceparent if there was one."""
        found: list[dict[str, Any]] = json.loads(self.control(method="GET").body)
        return found


def upstream(client: docker.DockerClient, image: str) -> AbstractContextManager[Upstream]:
    """Run it in an image that has Node and openssl; it is removed at the end."""
    return server_beside(Upstream, client, image, Path(__file__).with_name("upstream.mjs"), ["sh", "-c", START])
