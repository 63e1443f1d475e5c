"""The engine's health check: quick to say yes, says no when the service is stuck or gone, costs little."""

from __future__ import annotations

import json
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from loopback import free_port
from support.running import Service, wait_until
from support.runtime.containers import INJECTED, Instance, InstanceFactory, instant, preload
from support.runtime.frameworks import one_framework
from support.runtime.raw import ask

QUICK = {"interval": "1s", "timeout": "3s", "retries": 2}
COST = """process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, mib: maxRSS / 1024 }));
});"""


def health(container: Container) -> str:
    """Return the engine's verdict: starting, healthy, unhealthy."""
    container.reload()
    return str(container.attrs["State"]["Health"]["Status"])


def first_success(state: dict[str, Any]) -> float:
    """Return how many seconds after the start the first check succeeded."""
    good = [entry for entry in state["Health"]["Log"] if entry["ExitCode"] == 0]
    return instant(good[0]["End"]) - instant(state["StartedAt"])


def test_healthy_within_two_seconds(instance: InstanceFactory) -> None:
    """The best of three starts, because other tests share the processors."""
    starting = instance()
    seconds = [first_success(starting.state)]
    while min(seconds) >= 2 and len(seconds) < 3:
        starting.container.restart()
        assert wait_until(lambda: health(starting.container) == "healthy", 10)
        seconds.append(first_success(starting.state))
    print(f"healthy after {min(seconds):.2f} s")
    assert min(seconds) < 2


@one_framework
def test_unhealthy_when_stuck_and_healthy_again(instance: InstanceFactory) -> None:
    stuck = instance(healthcheck=QUICK)
    container = stuck.container
    stuck.signal_service("SIGSTOP")
    assert wait_until(lambda: health(container) == "unhealthy", 15)
    assert container.attrs["State"]["Status"] == "running"
    stuck.signal_service("SIGCONT")
    assert wait_until(lambda: health(container) == "healthy", 10)


@one_framework
def test_unhealthy_when_nothing_listens(instance: InstanceFactory) -> None:
    deaf = instance(code="setInterval(() => {}, 1e6);" + INJECTED, healthcheck=QUICK)
    deaf.ask("GET", "/?inject=unlisten", "Connection: close")
    assert wait_until(lambda: health(deaf.container) == "unhealthy", 15)


@one_framework
@pytest.mark.full
def test_unhealthy_when_stuck_with_the_images_own_intervals(instance: InstanceFactory) -> None:
    stuck = instance()
    stuck.signal_service("SIGSTOP")
    assert wait_until(lambda: health(stuck.container) == "unhealthy", 60)


def test_follows_another_port(service: Service, client: docker.DockerClient) -> None:
    """`docker run --env PORT=8080 --publish …:8080`, without make and compose."""
    port = free_port()
    container = client.containers.run(
        service.tag, detach=True, environment={"PORT": "8080"}, ports={"8080/tcp": ("127.0.0.1", port)}
    )
    try:
        assert wait_until(lambda: health(container) == "healthy", 10)
        assert ask(port, "GET", "/livez").status == 200
    finally:
        container.remove(force=True)


def test_bad_port_is_unhealthy(main: Instance) -> None:
    for port in ("abc", "1"):
        assert main.execute("node", main.script("service/healthcheck"), PORT=port)[0] == 1


def test_costs_little(main: Instance) -> None:
    """At one check every ten seconds: under 2 % of one processor, and well inside the memory limit."""
    code, output = main.execute("node", main.script("service/healthcheck"), NODE_OPTIONS=preload(COST))
    assert code == 0, output
    cost = json.loads(output)
    print(f"one health check: {cost['cpu']:.3f} s of processor time, {cost['mib']:.0f} MiB")
    assert cost["cpu"] < 0.2
    assert cost["mib"] < 80
