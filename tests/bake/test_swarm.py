"""The Swarm stack and its balancer: start-first with rollback, deadlines that nest, names and numbers that agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support.baking import BakedProject, bake
from support.grace import seconds, timeout_of
from support.limits import compose_limits
from support.orchestrate.manifests import Node


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
    # A request that is being sent when HAProxy is told to stop (REQUEST_TIMEOUT_MS) is still answered.
    assert setting_of_service(project, "REQUEST_TIMEOUT_MS") / 1000 < hard_stop
    assert hard_stop < seconds(balancer["stop_grace_period"])


def test_balancer_waits_as_long_as_the_service(project: BakedProject) -> None:
    """Neither end of a connection gives up what the other still holds for good."""
    config = project.read("deploy/haproxy.cfg")
    assert setting(project, r"timeout http-request (\d+)s") * 1000 == setting_of_service(project, "HEADERS_TIMEOUT_MS")
    keep_alive = setting_of_service(project, "KEEP_ALIVE_TIMEOUT_MS")
    assert setting(project, r"timeout http-keep-alive (\d+)s") * 1000 < keep_alive
    assert re.findall(r"timeout (server|client|tunnel) (\w+)$", config, re.MULTILINE) == [
        ("server", "5m"),
        ("client", "5m"),
        ("tunnel", "1h"),
    ]
    readme = project.read("README.md")
    assert "`timeout server`" in readme
    assert "`timeout tunnel`" in readme


def setting_of_service(project: BakedProject, name: str) -> int:
    """Return the default of a setting of the service, as .env.example shows it."""
    found = re.search(rf"^{name}=(\d+)$", project.read(".env.example"), re.MULTILINE)
    assert found, name
    return int(found[1])


def test_the_same_limits_as_compose(project: BakedProject, stack: Node) -> None:
    limits, app = compose_limits(project), stack["services"]["app"]
    assert app["deploy"]["resources"]["limits"] == {
        "memory": limits["memory"].upper(),
        "cpus": limits["cpus"],
        "pids": int(limits["pids"]),
    }
    size = int(limits["tmp"].removesuffix("m")) * 1024 * 1024
    assert app["volumes"] == [{"type": "tmpfs", "target": "/tmp", "tmpfs": {"size": size}}]  # noqa: S108
    log = {"driver": "json-file", "options": {"max-size": limits["log"], "max-file": limits["log files"]}}
    assert app["logging"] == stack["services"]["balancer"]["logging"] == log
    assert "NODE_OPTIONS" not in project.read("deploy/stack.yaml")


def test_the_same_hardening_as_compose(project: BakedProject, stack: Node) -> None:
    """All of it that Swarm can say."""
    compose, app = yaml.safe_load(project.read("compose.yaml"))["services"]["app"], stack["services"]["app"]
    for key in ("read_only", "cap_drop", "init"):
        assert app[key] == compose[key], key


def test_port_and_names_agree(project: BakedProject, stack: Node) -> None:
    port = project.answers["port"]
    [published] = stack["services"]["balancer"]["ports"]
    assert str(published["target"]) == port
    assert published["published"] == f"${{APP_PORT:-{port}}}"
    assert published["mode"] == "host"
    config = project.read("deploy/haproxy.cfg")
    assert re.findall(r"^ *bind :(\d+)$", config, re.MULTILINE) == [port]
    assert f" tasks.app:{port} " in config
    assert stack["configs"]["haproxy"]["file"] == "haproxy.cfg"


def test_a_name_of_any_length_can_be_deployed(tmp_path: Path) -> None:
    """Swarm refuses names of configs and secrets above 64 characters (moby/swarmkit, manager/controlapi/common.go)."""
    stack = bake(tmp_path, orchestrator="swarm", database="postgres", project_slug="a" * 50).read("deploy/stack.yaml")
    names = [
        name.replace("${CONFIG_SUM:-0}", "4294967295") for name in re.findall(r"^    name: (.*)", stack, re.MULTILINE)
    ]
    assert len(names) > 1
    assert max(map(len, names)) <= 64


def test_clients_say_nothing_about_themselves(project: BakedProject) -> None:
    """What they send is dropped before the balancer's own words are set."""
    lines = [line.strip() for line in project.read("deploy/haproxy.cfg").splitlines()]
    drop = ["forwarded", "x-forwarded- -m beg", "x-real-ip"]
    words = {"for": "%[src]", "proto": "%[ssl_fc,iif(https,http)]", "host": "%[req.hdr(host)]"}
    expected = [f"http-request del-header {name}" for name in drop]
    expected += [f"http-request set-header x-forwarded-{name} {value}" for name, value in words.items()]
    assert [line for line in lines if line.startswith(("http-request del", "http-request set"))] == expected
    assert not [line for line in lines if line.startswith("option forwardfor")]


def test_only_safe_requests_are_repeated_and_never_slow_ones(project: BakedProject) -> None:
    """RFC 9110, 9.2.1, less TRACE; a response that takes long means work that must not begin again."""
    config = project.read("deploy/haproxy.cfg")
    found = re.search(r"disable-l7-retry unless \{ method ([A-Z ]+) \}", config)
    assert found
    assert set(found[1].split()) == {"GET", "HEAD", "OPTIONS"}
    assert re.findall(r"^ *retry-on (.*)$", config, re.MULTILINE) == ["conn-failure empty-response"]


def test_the_build_sees_none_of_it(project: BakedProject, tmp_path: Path) -> None:
    kubernetes = bake(tmp_path, orchestrator="kubernetes")
    for each in (project, kubernetes):
        assert "deploy" not in each.read(".dockerignore")


def test_a_replica_that_fails_soon_after_its_start_is_rolled_back(stack: Node) -> None:
    """Watched for longer than one health check takes to fail."""
    update = stack["services"]["app"]["deploy"]["update_config"]
    assert seconds(update["monitor"]) >= 10
    assert update["parallelism"] == 1


def test_the_balancer_is_hardened_too(stack: Node) -> None:
    balancer = stack["services"]["balancer"]
    assert (balancer["read_only"], balancer["cap_drop"]) == (True, ["ALL"])
    assert balancer["deploy"]["resources"]["limits"]["memory"]


def test_a_replica_is_asked_whether_it_is_ready(project: BakedProject) -> None:
    assert re.search(r"^ *option httpchk GET /readyz$", project.read("deploy/haproxy.cfg"), re.MULTILINE)


def test_the_service_believes_its_balancer_alone(stack: Node) -> None:
    """Only HAProxy shares its network, whose addresses are private ones; what clients send HAProxy drops."""
    services = stack["services"]
    assert services["app"]["environment"]["TRUST_PROXY"] == "uniquelocal"
    assert services["app"]["networks"] == ["front"]
    assert "ports" not in services["app"]
    assert [name for name, service in services.items() if "front" in service["networks"]] == ["app", "balancer"]
