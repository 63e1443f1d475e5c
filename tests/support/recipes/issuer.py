"""An issuer of tokens, for the recipe that checks them: a container with two keys, which a test controls."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.models.containers import Container

from support.company.surroundings import archive, loopback, published
from support.running import request, wait_until

NAME = "issuer.test"
ISSUER = f"http://{NAME}:8080"
AUDIENCE = "https://api.example.com"
CONTROL = "8081/tcp"
FOLDER = "/tmp"  # noqa: S108 (in the container)
LIFETIME = 300  # seconds


@dataclass(frozen=True)
class Issuer:
    """The running container."""

    container: Container

    def ask(self, path: str, body: str = "") -> str:
        """Control it: see issuer.mjs."""
        response = request(published(self.container)[CONTROL], path, "POST", body)
        assert response.status == 200, response
        return response.body

    def token(self, alg: str = "ES256", kid: str = "ec", key: str = "", **claims: object) -> str:
        """Return a token that is good but for what is given: a claim that is None is left out, `key` signs."""
        good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "scope": "email profile", "exp": time.time() + LIFETIME}
        given = {name: value for name, value in {**good, **claims}.items() if value is not None}
        return self.ask("/token", json.dumps({"alg": alg, "kid": kid, "key": key or kid, "claims": given}))

    def answer(self, how: str) -> None:
        """Let the key set be answered in one of the ways that issuer.mjs names; count fetches from 0."""
        self.ask("/answer", how)

    def fetches(self) -> int:
        """Return how often the key set was fetched."""
        return int(self.ask("/fetches"))

    def publish(self, *kids: str) -> None:
        """Let these keys be the key set: of rsa, next, stranger and ec."""
        self.ask("/publish", ",".join(kids))

    def is_up(self) -> bool:
        """Whether it answers."""
        self.container.reload()
        assert self.container.status == "running", self.container.logs().decode()
        try:
            return self.fetches() == 0
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def issuer(client: docker.DockerClient, image: str) -> Iterator[Issuer]:
    """Run it in a container of an image that has Node; remove it at the end."""
    command = ["node", f"{FOLDER}/issuer.mjs"]
    container = client.containers.create(image, command, ports=loopback(CONTROL), init=True)
    program = Path(__file__).with_name("issuer.mjs").read_bytes()
    try:
        container.put_archive(FOLDER, archive({"issuer.mjs": program}))
        container.start()
        running = Issuer(container)
        assert wait_until(running.is_up, 30), container.logs().decode()
        yield running
    finally:
        container.remove(force=True, v=True)
