"""An issuer of tokens, for the recipe that checks them: a container with two keys, which a test controls."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import docker

from support.recipes.server_beside import ServerBeside, server_beside

NAME = "issuer.test"
ISSUER = f"http://{NAME}:8080"
AUDIENCE = "https://api.example.com"
LIFETIME = 300  # seconds


@dataclass(frozen=True)
class Issuer(ServerBeside):
    """The running container."""

    def ask(self, path: str, body: str = "") -> str:
        """Control it: see issuer.mjs."""
        response = self.control(path, body=body)
        assert response.status == 200, response
        return response.body

    def token(self, alg: str = "ES256", kid: str = "ec", key: str = "", **claims: object) -> str:
        """Return a token that is valid except for what is given: a claim that is None is left out, `key` signs."""
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


def issuer(client: docker.DockerClient, image: str) -> AbstractContextManager[Issuer]:
    """Run it in an image that has Node; it is removed at the end."""
    return server_beside(Issuer, client, image, Path(__file__).with_name("issuer.mjs"))
