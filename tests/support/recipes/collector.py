"""A collector of OpenTelemetry, for the recipe about traces: what it was sent, and how it answers."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from support.recipes.server_beside import ServerBeside, server_beside
from support.running import wait_until

NAME = "collector.test"
SERVER, CLIENT = 2, 3  # kinds of spans
SENT = 40  # seconds: a batch waits five, and a collector that is away is asked again for ten


@dataclass(frozen=True)
class Collector(ServerBeside):
    """The running container."""

    def answer(self, how: str) -> None:
        """Let it answer in one of the ways that collector.mjs names, and forget what it was sent."""
        self.control(body=how)

    def sent(self) -> dict[str, Any]:
        """Return what it was sent: spans, the number of posts that brought them, traceparents of other requests."""
        found: dict[str, Any] = json.loads(self.control(method="GET").body)
        return found

    def spans(self, kind: int) -> list[dict[str, Any]]:
        """Return the spans of a kind that it was sent so far, each once: a batch may be sent again."""
        spans = {span["spanId"]: span for span in self.sent()["spans"]}
        return [span for span in spans.values() if span["kind"] == kind]

    def request_span(self, trace: str) -> dict[str, Any]:
        """Wait for the span of a request, and return it; fails if it does not come, or comes twice."""
        assert wait_until(lambda: any(span["traceId"] == trace for span in self.spans(SERVER)), SENT), self.sent()
        [span] = [span for span in self.spans(SERVER) if span["traceId"] == trace]
        return span


def collector(client: docker.DockerClient, image: str) -> AbstractContextManager[Collector]:
    """Run it in an image that has Node; it is removed at the end."""
    return server_beside(Collector, client, image, Path(__file__).with_name("collector.mjs"))
