"""A real Prometheus beside a service, in a container: it scrapes and answers queries; promtool checks texts."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import docker
from docker.models.containers import Container

from support.baking import ROOT
from support.company.surroundings import archive, loopback, published
from support.machines import build_image, execute
from support.running import request, wait_until

FOLDER = Path(__file__).parent
IMAGE = "node-multi-stage-test-prometheus"
WEB = "9090/tcp"
PAGE = ROOT / "docs" / "metrics.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INTERVAL = 1  # seconds between scrapes


def blocks(kind: str) -> list[str]:
    """Return the blocks of docs/metrics.md that are written in a language, such as `promql`."""
    return [text for found, text in FENCE.findall(PAGE.read_text(encoding="utf-8")) if found == kind]


@dataclass(frozen=True)
class Prometheus:
    """The running container."""

    container: Container

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data that an endpoint of its API answers with; raises AssertionError for an error."""
        answer = request(published(self.container)[WEB], f"/api/v1/{path}?{urlencode(parameters)}")
        assert answer.status == 200, answer
        return json.loads(answer.body)["data"]

    def query(self, expression: str) -> dict[tuple[str, ...], float]:
        """Return the values of an expression now, each by the values of its labels in the order of their names."""
        result = self.ask("query", query=expression)["result"]
        return {
            tuple(value for name, value in sorted(series["metric"].items())): float(series["value"][1])
            for series in result
        }

    def targets(self) -> list[dict[str, Any]]:
        """Return what it scrapes: `health` and `lastError` say how the last scrape went."""
        found: list[dict[str, Any]] = self.ask("targets")["activeTargets"]
        return found

    def is_up(self) -> bool:
        """Whether it answers queries."""
        try:
            return request(published(self.container)[WEB], "/-/ready").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def promtool(self, arguments: str, text: str) -> list[str]:
        """Hand promtool a text on stdin; return the lines that it says, raises AssertionError if it refuses the text.

        Names of metrics that are not as they should be are no refusal: its exit code is 3 then.
        """
        self.container.put_archive("/tmp", archive({"given": text.encode()}))  # noqa: S108 (in the container)
        return execute(self.container, f"promtool {arguments} < /tmp/given 2>&1 || [ $? = 3 ]").splitlines()


@contextmanager
def prometheus(client: docker.DockerClient, network: str, configuration: str) -> Iterator[Prometheus]:
    """Run it on a network, with a configuration as docs/metrics.md has it; it is removed at the end."""
    command = ["prometheus", "--config.file=/tmp/prometheus.yml", "--storage.tsdb.path=/tmp/data"]
    container = client.containers.create(build_image(IMAGE, FOLDER), command, ports=loopback(WEB))
    try:
        text = f"global: {{scrape_interval: {INTERVAL}s, scrape_timeout: {INTERVAL}s}}\n{configuration}"
        container.put_archive("/tmp", archive({"prometheus.yml": text.encode()}))  # noqa: S108 (in the container)
        client.networks.get(network).connect(container)
        container.start()
        container.reload()
        running = Prometheus(container)
        assert wait_until(running.is_up, 30), container.logs().decode()
        yield running
    finally:
        container.remove(force=True, v=True)
