"""The answer metrics=prometheus: no trace of it without, one port for the scraper alone, and what a process says."""

from __future__ import annotations

import http.client
import re
import socket
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from cookiecutter.exceptions import FailedHookException

from loopback import free_port
from support.baking import BakedProject, bake, not_on_windows
from support.combinations import CHOICES
from support.installed import install, node_run, own_tests
from support.orchestrate.manifests import KUBERNETES, one, pod_template, render
from support.process import started, starting

SCRAPER = {"app.kubernetes.io/name": "prometheus"}


def test_the_port_of_the_metrics_is_not_the_services(tmp_path: Path) -> None:
    with pytest.raises(FailedHookException, match=r"^port: '9464' is refused: with metrics=prometheus it"):
        bake(tmp_path, metrics="prometheus", port="9464")
    assert bake(tmp_path, port="9464").answers["port"] == "9464"


@pytest.mark.parametrize("orchestrator", CHOICES["orchestrator"])
def test_without_the_answer_there_is_no_trace(tmp_path: Path, orchestrator: str) -> None:
    project = bake(tmp_path, orchestrator=orchestrator)
    texts = {path: project.read(path) for path in project.files if path != ".node-multi-stage.json"}
    assert [path for path, text in texts.items() if re.search("9464|prom(etheus|-client|_)", text, re.IGNORECASE)] == []
    assert [path for path, text in texts.items() if "//%" in text] == []


def test_the_readme_and_the_example_name_the_setting(tmp_path: Path) -> None:
    project = bake(tmp_path, metrics="prometheus")
    assert "| `METRICS_PORT` | 9464 |" in project.read("README.md")
    assert "\nMETRICS_PORT=9464\n" in project.read(".env.example")


def test_kubernetes_opens_the_port_to_prometheus_alone(tmp_path: Path) -> None:
    objects = render(bake(tmp_path, metrics="prometheus", orchestrator="kubernetes"), "production")
    for node in objects:
        kubernetes_validate.validate(node, KUBERNETES[0], strict=True)
    pod = pod_template(objects)
    annotations = pod["metadata"]["annotations"]
    ports = {port["name"]: str(port["containerPort"]) for port in pod["spec"]["containers"][0]["ports"]}
    assert annotations == {"prometheus.io/scrape": "true", "prometheus.io/port": ports["metrics"]}
    assert ports == {"http": "3000", "metrics": "9464"}
    [everybody, scraper] = one(objects, "NetworkPolicy")["spec"]["ingress"]
    assert [port["port"] for port in everybody["ports"]] == ["http"]
    assert [port["port"] for port in scraper["ports"]] == ["metrics"]
    assert scraper["from"] == [{"namespaceSelector": {}, "podSelector": {"matchLabels": SCRAPER}}]
    assert [port["targetPort"] for port in one(objects, "Service")["spec"]["ports"]] == ["http"]


def test_swarm_says_by_labels_where_and_publishes_nothing(tmp_path: Path) -> None:
    stack = yaml.safe_load(bake(tmp_path, metrics="prometheus", orchestrator="swarm").read("deploy/stack.yaml"))
    service = stack["services"]["app"]
    assert service["deploy"]["labels"] == {"prometheus.io/scrape": "true", "prometheus.io/port": "9464"}
    assert "ports" not in service


def ask(port: int, method: str, path: str) -> tuple[int, str]:
    """Send one request to this machine; return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={"connection": "close"})
    response = connection.getresponse()
    return response.status, response.read().decode()


@pytest.fixture(scope="module", params=CHOICES["framework"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A project with metrics of each framework; its packages are installed."""
    folder = tmp_path_factory.mktemp("metrics")
    return install(
        bake(folder, metrics="prometheus", framework=request.param, language="typescript", node_version="24")
    )


@not_on_windows("SIGTERM")
def test_a_process_says_how_its_routes_went(project: BakedProject) -> None:
    metrics = free_port()
    with started(project, METRICS_PORT=str(metrics)) as process:
        for method, path in (("GET", "/?a=1"), ("HEAD", "/"), ("GET", "/echo"), ("GET", "/x/1"), ("GET", "/readyz")):
            ask(process.port, method, path)
        _, text = ask(metrics, "GET", "/metrics")
        found = re.findall(r"^http_request_duration_seconds_count\{(.*)\} (\d+)$", text, re.MULTILINE)
        labels = {re.sub(r'\w+="([^"]*)"', r"\1", names): int(count) for names, count in found}
        # fastify has no route for a method that a path does not have.
        wrong = "other" if project.answers["framework"] == "fastify" else "/echo"
        assert labels == {"GET,/,200": 1, "HEAD,/,200": 1, f"GET,{wrong},405": 1, "GET,other,404": 1}
        assert ask(process.port, "GET", "/metrics")[0] == 404
        assert process.stop() == 0, process.printed
        assert '"stopped"' in process.printed


def test_a_port_for_metrics_that_is_taken_is_named(project: BakedProject) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with starting(project, METRICS_PORT=port) as process:
            assert process.ended() == 1
    assert process.printed == f"METRICS_PORT {port} on HOST 127.0.0.1 must be free to listen on, but: EADDRINUSE\n"


def test_the_applications_own_tests_pass(project: BakedProject) -> None:
    """Lint and coverage: test_pages.py, whose projects have metrics, too."""
    result = node_run(project, "--test", *own_tests(project))
    assert result.returncode == 0, result.stdout[-6000:]
