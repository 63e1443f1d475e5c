"""Prometheus on a real Swarm finds the replicas by their labels, as docs/metrics.md configures it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from support.machines import build_image, execute
from support.orchestrate.stack import Stack, deployed
from support.prometheus import FOLDER, IMAGE, blocks
from support.running import project_of, wait_until

pytestmark = [pytest.mark.timeout(1800), pytest.mark.full]
SOCKET = "/var/run/docker.sock"
START = """
printf '%s' "$CONFIGURATION" > /tmp/prometheus.yml
exec prometheus --config.file=/tmp/prometheus.yml --storage.tsdb.path=/tmp/data
"""


@pytest.fixture(scope="module")
def stack(
    client: docker.DockerClient,
    swarm: None,  # noqa: ARG001
    registry: str,
    balancer: str,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """A project with metrics on a Swarm, deployed with three replicas."""
    folder = tmp_path_factory.mktemp("swarm-metrics")
    answers = {"orchestrator": "swarm", "metrics": "prometheus"}
    with project_of(folder, client, **answers) as service, deployed(service, registry) as found:
        yield found


@pytest.fixture
def scraper(stack: Stack) -> Iterator[Container]:
    """Prometheus as a service on the project's network, with the engine's socket."""
    [configuration] = [block for block in blocks("yaml") if "dockerswarm_sd_configs" in block]
    name = f"{stack.project.slug}_prometheus"
    socket = os.environ.get("DOCKER_HOST", f"unix://{SOCKET}").removeprefix("unix://")
    command = ["docker", "service", "create", "--quiet", "--detach", "--no-resolve-image", f"--name={name}"]
    command += [f"--network={stack.project.slug}_front", "--endpoint-mode=dnsrr"]
    command += [f"--mount=type=bind,source={socket},target={SOCKET}"]
    command += [f"--env=CONFIGURATION=global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n{configuration}"]
    subprocess.run([*command, build_image(IMAGE, FOLDER), "sh", "-c", START], check=True, capture_output=True)
    try:
        assert wait_until(lambda: len(stack.containers("prometheus")) == 1, 60)
        yield stack.containers("prometheus")[0]
    finally:
        subprocess.run(["docker", "service", "rm", name], check=True, capture_output=True)
        assert wait_until(lambda: not stack.containers("prometheus"), 60)


def up(container: Container) -> dict[str, list[str]]:
    """Return the values of `up` for each job."""
    said = execute(container, "promtool query instant --format json http://localhost:9090 up || true")
    try:
        series = json.loads(said)
    except ValueError:  # it does not listen yet
        return {}
    found: dict[str, list[str]] = {}
    for one in series:
        found.setdefault(one["metric"]["job"], []).append(one["value"][1])
    return found


def test_each_replica_is_scraped_and_nothing_else(stack: Stack, scraper: Container) -> None:
    wanted = {f"{stack.project.slug}_app": ["1"] * 3}
    assert wait_until(lambda: up(scraper) == wanted, 60), (up(scraper), scraper.logs().decode()[-2000:])
