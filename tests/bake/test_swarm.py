"""The Swarm stack and its balancer: start-first with rollback, deadlines that nest, names and numbers that agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from baking import BakedProject, bake
from orchestrate.manifests import Node
from runtime.test_grace import seconds, timeout_of


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers on a port of their own."""
    return bake(tmp_path_factory.mktemp("swarm"), orchestrator="swarm", port="8123")


@pytest.fixture(scope="module")
def stack(project: BakedProject) -> Node:
    """deploy/stack.yaml."""
    found: Node = yaml.safe_load(project.read("deploy/stack.yaml"))
    return found


def setting(project: BakedProject, pattern: str) -> float:
    """Return the number of seconds that a pattern finds in haproxy.cfg."""
    found = re.search(pattern, project.read("deploy/haproxy.cfg"))
    assert found, pattern
    return float(found[1])


def test_updates_start_first_and_roll_back(stack: Node) -> None:
    deploy = stack["services"]["app"]["deploy"]
    assert deploy["update_config"]["order"] == deploy["rollback_config"]["order"] == "start-first"
    assert deploy["update_config"]["failure_action"] == "rollback"
    assert deploy["replicas"] >= 2
    assert "name" not in stack, "docker stack deploy refuses it"


def test_deadlines_nest(project: BakedProject, stack: Node) -> None:
    """The balancer notices, then idle connections are cut, then the service ends itself, then Swarm would kill it."""
    app, balancer = stack["services"]["app"], stack["services"]["balancer"]
    delay = app["environment"]["SHUTDOWN_DELAY_MS"] / 1000
    inter, fall = setting(project, r"check inter (\d+)s"), setting(project, r"inter \d+s fall (\d+)")
    assert inter * fall + 1 <= delay
    assert delay + 2 <= timeout_of(project)
    assert timeout_of(project) + 1 <= seconds(app["stop_grace_period"])
    hard_stop = setting(project, r"hard-stop-after (\d+)s")
    assert setting(project, r"timeout server\s+(\d+)s") <= hard_stop < seconds(balancer["stop_grace_period"])


def test_the_heap_follows_the_limit(project: BakedProject, stack: Node) -> None:
    compose = yaml.safe_load(project.read("compose.yaml"))["services"]["app"]
    app = stack["services"]["app"]
    assert app["environment"]["NODE_OPTIONS"] == compose["environment"]["NODE_OPTIONS"]
    assert app["deploy"]["resources"]["limits"]["memory"].lower() == compose["mem_limit"]


def test_the_same_hardening_as_compose(project: BakedProject, stack: Node) -> None:
    """All of it that Swarm can say."""
    compose, app = yaml.safe_load(project.read("compose.yaml"))["services"]["app"], stack["services"]["app"]
    assert (app["read_only"], app["cap_drop"]) == (compose["read_only"], compose["cap_drop"])
    assert app["volumes"] == [{"type": "tmpfs", "target": compose["tmpfs"]}]
    assert app["deploy"]["resources"]["limits"]["pids"] == compose["pids_limit"]


def test_port_and_names_agree(project: BakedProject, stack: Node) -> None:
    port = project.answers["port"]
    [published] = stack["services"]["balancer"]["ports"]
    assert str(published["target"]) == port
    assert published["published"] == f"${{PORT:-{port}}}"
    assert published["mode"] == "host"
    config = project.read("deploy/haproxy.cfg")
    assert re.findall(r"^ *bind :(\d+)$", config, re.MULTILINE) == [port]
    assert f" tasks.app:{port} " in config
    assert stack["configs"]["haproxy"]["file"] == "haproxy.cfg"


def test_only_idempotent_requests_are_repeated(project: BakedProject) -> None:
    """RFC 9110, 9.2.2, less TRACE."""
    found = re.search(r"disable-l7-retry unless \{ method ([A-Z ]+) \}", project.read("deploy/haproxy.cfg"))
    assert found
    assert set(found[1].split()) == {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}


def test_the_build_sees_none_of_it(project: BakedProject, tmp_path: Path) -> None:
    kubernetes = bake(tmp_path, orchestrator="kubernetes")
    for each in (project, kubernetes):
        assert "deploy" not in each.read(".dockerignore")
