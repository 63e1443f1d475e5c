"""On a real Swarm: roll-outs, a killed replica, a bad release and scaling, under load, counted."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator

import docker
import pytest
import yaml

from loopback import GREETING
from support.orchestrate.given_files import AUTHORITY, PRINTED, PROGRAM, SECRET, readme_lines
from support.orchestrate.load import Counts, echoed, load
from support.orchestrate.manifests import add_lines
from support.orchestrate.stack import Stack, deployed, wrk
from support.running import Record, project_of, request, wait_until

pytestmark = pytest.mark.timeout(1800)
OTHER = "Hello, other version!"
ROUTES = "src/routes.js"


@pytest.fixture(scope="module")
def stack(
    client: docker.DockerClient,
    swarm: None,  # noqa: ARG001
    registry: str,
    balancer: str,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The default answers for a Swarm, deployed with three replicas."""
    folder = tmp_path_factory.mktemp("swarm")
    with project_of(folder, client, orchestrator="swarm") as service, deployed(service, registry) as found:
        yield found


@pytest.fixture
def settled(stack: Stack) -> Stack:
    """Three replicas of the first version behind the balancer."""
    assert wait_until(lambda: stack.is_healthy(3) and stack.servers() == 3 and stack.is_answering(), 60)
    assert request(stack.port).body.strip() == GREETING
    return stack


def nothing_lost(counts: Counts) -> None:
    """Fail unless every request was answered 200 on a connection that was never reset."""
    assert counts.failed == {}, str(counts)
    assert counts.resets == 0, str(counts)
    assert counts.answered


def test_deploys_by_digest_hardened_and_limited(settled: Stack) -> None:
    for container in settled.containers():
        assert re.fullmatch(rf"{settled.image}@sha256:[0-9a-f]{{64}}", container.attrs["Config"]["Image"])
        host = container.attrs["HostConfig"]
        assert (host["ReadonlyRootfs"], host["CapDrop"], host["Memory"], host["PidsLimit"]) == (
            True,
            ["ALL"],
            1024**3,
            512,
        )
        assert container.attrs["Config"]["User"] == "1000:1000"
    status, output = settled.make("status")
    assert status == 0
    assert f"{settled.project.slug}_app" in output
    assert "3/3" in output


@pytest.mark.full
def test_files_as_the_readme_says(settled: Stack) -> None:
    """Data on a volume, a secret and a CA: the service's user writes the one and reads the others."""
    made = [("secret", "api-token", SECRET), ("config", "ca", AUTHORITY)]
    for kind, name, content in made:
        subprocess.run(["docker", kind, "create", name, "-"], input=content, text=True, check=True, capture_output=True)
    file = settled.project.path / "deploy" / "stack.yaml"
    before = file.read_text(encoding="utf-8")
    lines = yaml.safe_load(before)
    for block in readme_lines(settled.project):
        add_lines(lines, yaml.safe_load(block))
    try:
        file.write_text(yaml.safe_dump(lines), encoding="utf-8")
        settled.deploy()
        assert wait_until(lambda: settled.is_healthy(3), 30)
        result = settled.containers()[0].exec_run(["node", "-e", PROGRAM])
        assert isinstance(result.output, bytes)
        assert result.output.decode().split() == PRINTED
    finally:
        file.write_text(before, encoding="utf-8")
        settled.deploy()
        for kind, name, _ in made:
            subprocess.run(["docker", kind, "rm", name], check=True, capture_output=True)


@pytest.mark.full
def test_rolling_updates_lose_nothing(settled: Stack, record_property: Record) -> None:
    """To a new version and back, three times, under 64 keep-alive connections."""
    for number in range(1, 4):
        with load(settled.port) as (counts, _):
            time.sleep(1)
            settled.edit(ROUTES, GREETING, OTHER)
            settled.deploy("TAG=0.2.0")
            time.sleep(1)
            settled.edit(ROUTES, OTHER, GREETING)
            settled.rollback() if number == 1 else settled.deploy()
            time.sleep(1)
        record_property("measured", f"round {number}: {counts}")
        nothing_lost(counts)
        assert set(counts.answered) == {GREETING, OTHER}
        assert wait_until(lambda: settled.is_healthy(3), 30)


@pytest.mark.full
def test_a_killed_replica_is_replaced(settled: Stack, record_property: Record) -> None:
    """Nobody acts; only a POST that was in flight on it may fail, once per connection."""
    with load(settled.port, gets=48, posts=16) as (gets, posts):
        time.sleep(2)
        victim = settled.containers()[0]
        killed = time.monotonic()
        victim.kill("SIGKILL")
        assert wait_until(lambda: settled.is_healthy(3, without=str(victim.id)), 60)
        time.sleep(2)
    late = [f"{at - killed:.2f}" for at in posts.failed_at]
    record_property("measured", f"GET: {gets}")
    record_property("measured", f"POST: {posts}; seconds from the signal to each failure: {' '.join(late) or 'none'}")
    nothing_lost(gets)
    assert echoed(posts) > 0
    # Those that waited for its answer, and none that came later: one third of 16 connections, more or less.
    assert sum(posts.failed.values()) <= 16, str(posts)
    assert all(at - killed < 0.5 for at in posts.failed_at), late


@pytest.mark.full
def test_a_bad_release_is_rolled_back(settled: Stack, record_property: Record) -> None:
    """A version that never becomes ready: Swarm itself goes back, make says so, nobody notices."""
    before = {c.attrs["Config"]["Image"] for c in settled.containers()}
    settled.edit("src/service/start.js", "status.ready = true", "status.ready = false")
    with load(settled.port) as (counts, _):
        start = time.monotonic()
        status, output = settled.make("deploy", "TAG=0.3.0")
        took = time.monotonic() - start
        time.sleep(1)
    settled.edit("src/service/start.js", "status.ready = false", "status.ready = true")
    record_property("measured", f"rolled back after {took:.0f} s: {counts}")
    assert status != 0
    assert "does not become healthy: rolled back" in output, output
    nothing_lost(counts)
    assert set(counts.answered) == {GREETING}
    assert wait_until(lambda: settled.is_healthy(3), 60)
    assert {c.attrs["Config"]["Image"] for c in settled.containers()} == before


@pytest.mark.full
def test_a_bad_setting_is_rolled_back(settled: Stack) -> None:
    """The image is the same before and after, so only Swarm's own word tells that it went back."""
    setting = "      SHUTDOWN_DELAY_MS: 4000\n"
    settled.edit("deploy/stack.yaml", setting, f"{setting}      LOG_LEVEL: loud\n")
    status, output = settled.make("deploy")
    settled.edit("deploy/stack.yaml", f"{setting}      LOG_LEVEL: loud\n", setting)
    assert status != 0
    assert "does not become healthy: rolled back" in output, output
    assert wait_until(lambda: settled.is_healthy(3), 60)
    # What runs is what is asked for: an update that was rolled back earlier is none of this one's.
    settled.deploy()


@pytest.mark.full
@pytest.mark.parametrize("cpus", [1.0, 0.2], ids=["one core each", "a fifth each"])
def test_scaling(settled: Stack, tools: str, record_property: Record, cpus: float) -> None:
    """Throughput and p99 with one to four replicas; every request is answered 200.

    Two cores serve no more than one replica and its balancer; with a fifth of a core each, replicas are what is scarce.
    """
    try:
        settled.change("--limit-cpu", str(cpus), "--update-delay", "0s", "--replicas", "1")
        for replicas in range(1, 5):
            settled.change("--replicas", str(replicas))
            assert wait_until(lambda n=replicas: settled.is_healthy(n) and settled.servers() == n, 90)  # type: ignore[misc]
            wrk(settled, tools, 2)
            report = wrk(settled, tools, 8)
            assert "Non-2xx" not in report, report
            assert "Socket errors" not in report, report
            rate, p99 = re.search(r"Requests/sec:\s+([\d.]+)", report), re.search(r"99%\s+(\S+)", report)
            assert rate
            assert p99
            record_property("measured", f"{replicas} replicas: {float(rate[1]):.0f} requests/s, p99 {p99[1]}")
    finally:
        settled.deploy()
