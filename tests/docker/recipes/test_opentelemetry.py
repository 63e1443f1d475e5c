"""OpenTelemetry: which spans a collector is sent, what goes on to other services, and a collector that is of no use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from support.recipes.collector import CLIENT, NAME, SENT, SERVER, Collector, collector
from support.running import Service, wait_until

PARENT = "b7ad6b7169203331"
SETTINGS = (
    f"OTEL_EXPORTER_OTLP_ENDPOINT=http://{NAME}:4318\nOTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test\n"
)
# What an owner would write: the greeting asks another service first.
CALL = f"await fetch('http://{NAME}:4318/other');"
GREETINGS = {
    "express": (r"\.get\(\((_req, res)\) => \{", r".get(async (\1) => {"),
    "fastify": (r"app\.get\('/', \((_request, reply)\) => \{", r"app.get('/', async (\1) => {"),
    "http": (r"function greet\((.*)\) \{", r"async function greet(\1) {"),
}


@pytest.fixture(scope="module")
def other(recipe: Service, client: docker.DockerClient) -> Iterator[Collector]:
    """The collector, which is the service that the greeting asks, too."""
    with collector(client, f"{recipe.project.slug}:test") as running:
        yield running


@pytest.fixture(scope="module")
def service(recipe: Service, other: Collector) -> Service:
    """The service, which sends its spans to the collector."""
    end = {"typescript": "ts", "javascript": "js"}[recipe.project.answers["language"]]
    routes = recipe.project.path / "src" / f"routes.{end}"
    pattern, replacement = GREETINGS[recipe.project.answers["framework"]]
    text, count = re.subn(pattern, f"{replacement}\n{CALL}", routes.read_text(encoding="utf-8"), count=1)
    assert count == 1
    routes.write_text(text, encoding="utf-8")
    other.answer("well")
    start(recipe, other, SETTINGS)
    return recipe


def start(service: Service, other: Collector, settings: str) -> None:
    """Start the service with these settings, in the collector's network."""
    (service.project.path / ".env").write_text(settings, encoding="utf-8")
    service.run()
    network = service.client.networks.get(f"{service.project.slug}_default")
    if other.container not in network.containers:
        other.join(service, NAME)


def lines(service: Service, msg: str) -> list[dict[str, Any]]:
    """Return the log's lines with this text."""
    found = [json.loads(line) for line in service.logs() if line.startswith("{")]
    return [line for line in found if line["msg"] == msg]


def ask(service: Service, number: int, path: str = "/", method: str = "GET", **options: Any) -> str:
    """Ask with a traceparent; return its trace id."""
    trace = f"{number:032x}"
    service.get(path, method, headers={"traceparent": f"00-{trace}-{PARENT}-01"}, **options)
    return trace


def stop(service: Service) -> None:
    """Stop the service, which must end in order: one that takes longer than its own limit ends with 1."""
    container = service.container
    container.stop(timeout=10)
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
    assert json.loads(container.logs().decode().splitlines()[-1])["msg"] == "stopped"


@pytest.mark.parametrize(("path", "method", "status"), [("/", "GET", 200), ("/echo", "POST", 415)])
def test_a_request_is_a_span_of_its_trace_named_after_its_route(
    service: Service, other: Collector, path: str, method: str, status: int
) -> None:
    other.answer("well")
    body = "x" if method == "POST" else None
    span = other.request_span(ask(service, status, path, method, body=body))
    assert (span["name"], span["parentSpanId"]) == (f"{method} {path}", PARENT)
    assert span["attributes"]["http.route"] == path
    assert span["attributes"]["http.response.status_code"] == status
    name = service.project.slug
    wanted = {"service.name": name, "service.version": "0.1.0", "deployment.environment.name": "test"}
    assert span["resource"] == wanted


def test_an_unknown_path_is_no_spans_name(service: Service, other: Collector) -> None:
    other.answer("well")
    span = other.request_span(ask(service, 404, "/nothing"))
    assert span["name"] == "GET"
    assert "http.route" not in span["attributes"]


def test_a_call_of_another_service_goes_on_with_the_trace(service: Service, other: Collector) -> None:
    other.answer("well")
    trace = ask(service, 1)
    server = other.request_span(trace)
    [call] = [span for span in other.spans(CLIENT) if span["traceId"] == trace]
    assert other.sent()["traceparents"] == [f"00-{trace}-{call['spanId']}-01"]
    ids = {span["spanId"]: span for span in other.sent()["spans"]}
    above = call
    while above["parentSpanId"] in ids:
        above = ids[above["parentSpanId"]]
    assert above == server


def test_the_logs_lines_have_the_spans_trace_whoever_began_it(service: Service, other: Collector) -> None:
    other.answer("well")
    given = ask(service, 2)
    service.get("/", headers={"x-request-id": "without"})
    assert wait_until(lambda: any(line["id"] == "without" for line in lines(service, "request")), 5)
    logged = lines(service, "request")
    [begun] = [line["trace_id"] for line in logged if line["id"] == "without"]
    assert given in [line["trace_id"] for line in logged]
    assert other.request_span(begun)["name"] == "GET /"


def test_probes_have_no_spans(service: Service, other: Collector) -> None:
    other.answer("well")
    for path in ("/livez", "/readyz"):
        assert service.get(path).status == 200
    other.request_span(ask(service, 3))
    paths = {span["attributes"]["url.path"] for span in other.spans(SERVER)}
    assert paths == {"/"}


def test_what_a_collector_refuses_is_a_warning(service: Service, other: Collector) -> None:
    other.answer("bad request")
    before = len(lines(service, "spans are lost"))
    ask(service, 4)
    assert wait_until(lambda: len(lines(service, "spans are lost")) > before, SENT)
    assert lines(service, "spans are lost")[-1]["level"] == "warn"
    assert service.get("/").status == 200


def test_a_stop_sends_what_is_left(service: Service, other: Collector) -> None:
    other.answer("well")
    trace = ask(service, 5)
    stop(service)
    assert trace in {span["traceId"] for span in other.spans(SERVER)}
    start(service, other, SETTINGS)


def test_a_collector_that_hangs_holds_up_no_stop(service: Service, other: Collector) -> None:
    other.answer("never")
    ask(service, 6)
    assert wait_until(lambda: other.sent()["posts"] > 0, SENT)
    assert service.get("/").status == 200
    stop(service)
    start(service, other, SETTINGS)


def test_without_a_collector_the_service_starts_serves_and_stops(service: Service, other: Collector) -> None:
    start(service, other, SETTINGS.replace(NAME, "nobody.test"))
    ask(service, 7)
    assert wait_until(lambda: lines(service, "spans are lost") != [], SENT)
    assert service.get("/").status == 200
    stop(service)


@pytest.mark.usefixtures("resumed")
def test_without_an_endpoint_nothing_is_sent(service: Service, other: Collector) -> None:
    other.answer("well")
    start(service, other, "")
    ask(service, 8)
    stop(service)
    # The greeting's call goes on without a trace.
    assert other.sent() == {"spans": [], "posts": 0, "traceparents": [None]}
    assert {line["msg"] for line in map(json.loads, service.logs())} == {"listening", "request", "draining", "stopped"}
