"""The Swarm stack's HAProxy with its own configuration, before two servers that count what reaches them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import docker
import pytest

from support.baking import bake
from support.orchestrate.balancer import PORT, Balancer, balancing
from support.running import Response, request


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """deploy/haproxy.cfg with seconds in place of the minutes that a response may be silent."""
    project = bake(tmp_path_factory.mktemp("balancer"), orchestrator="swarm", port=str(PORT))
    text = project.read("deploy/haproxy.cfg")
    for side in ("server", "client"):
        assert f"timeout {side} 5m" in text
        text = text.replace(f"timeout {side} 5m", f"timeout {side} 2s")
    return text


@pytest.fixture(scope="module")
def balancer(
    client: docker.DockerClient, configuration: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balancer]:
    """The balancer before two servers."""
    with balancing(client, configuration, tmp_path_factory.mktemp("haproxy")) as running:
        yield running


def test_what_a_client_says_about_itself_is_dropped(balancer: Balancer) -> None:
    forged = {
        "Host": "shop.example",
        "X-Forwarded-For": "192.0.2.66",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=192.0.2.66",
        "X-Real-IP": "192.0.2.66",
    }
    answer: Response = request(balancer.port, headers=forged)
    headers = json.loads(answer.body)
    assert not [value for value in headers.values() if "evil" in value or "192.0.2.66" in value]
    ours = {name: value for name, value in headers.items() if "forwarded" in name or name == "x-real-ip"}
    assert set(ours) == {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert (ours["x-forwarded-proto"], ours["x-forwarded-host"]) == ("http", "shop.example")
    assert socket.inet_aton(ours["x-forwarded-for"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slow_response_is_never_asked_for_again(balancer: Balancer, method: str) -> None:
    answer = request(balancer.port, f"/slow-{method}", method)
    assert answer.status == 504
    assert balancer.begun(f"{method} /slow-{method}", 1) == 1


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 4), ("HEAD", 4), ("OPTIONS", 4), ("POST", 1), ("PUT", 1), ("DELETE", 1)]
)
def test_a_lost_connection_repeats_what_changes_nothing(balancer: Balancer, method: str, times: int) -> None:
    answer = request(balancer.port, f"/drop-{method}", method)
    assert answer.status == 502
    assert balancer.begun(f"{method} /drop-{method}", times) == times


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_never_sent_goes_to_another_replica(balancer: Balancer, method: str) -> None:
    """One of the two refuses connections, and is not yet known to: each request is begun once, by the other one."""
    request(balancer.port, "/refuse")
    statuses = [request(balancer.port, f"/never-sent-{method}", method).status for _ in range(12)]
    assert statuses == [200] * 12
    assert balancer.begun(f"{method} /never-sent-{method}", 12) == 12
    assert max(server.logs().decode().count(f"/never-sent-{method}\n") for server in balancer.servers) == 12
    for server in balancer.servers:
        server.kill("SIGUSR2")
    time.sleep(3)  # until the balancer has seen that both are there


def test_a_silent_websocket_is_not_cut(balancer: Balancer) -> None:
    """Twice as long as a response may be silent: another limit holds after the upgrade."""
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=10) as connection:
        connection.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 101")
        time.sleep(4)
        connection.sendall(b"still there")
        assert connection.recv(4096) == b"still there"
