"""Metrics of a running container: where they are and where not, what Prometheus reads, and until when."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from support.data.notes import held, project_with, status
from support.prometheus import Prometheus, blocks, prometheus
from support.running import Service, wait_until
from support.runtime.containers import instant, main_instance
from support.runtime.frameworks import VARIANTS, label

# Each framework with another database; what differs by database is asserted below.
PARAMETERS = [
    pytest.param({"database": database, **variant}, id=label(variant), marks=[] if number == 0 else pytest.mark.full)
    for number, (variant, database) in enumerate(zip(VARIANTS, ("postgres", "sqlite", "none"), strict=True))
]
COUNT = "http_request_duration_seconds_count"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module", params=PARAMETERS)
def service(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with metrics, started by `make run`."""
    folder = tmp_path_factory.mktemp("metrics")
    with project_with(folder, client, metrics="prometheus", **request.param) as running:
        running.run()
        yield running


def leave_early(service: Service) -> None:
    """Send a request's head and go."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=5)
    connection.putrequest("POST", "/echo")
    for name, value in {**JSON, "content-length": "10"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    time.sleep(0.1)
    connection.close()


def ask_all(service: Service) -> None:
    """Ask for the routes there are, for others that a client makes up, and for what the health check asks."""
    for number in range(20):
        assert service.get("/?page=1").status == 200
        assert service.get("/echo", "POST", body='{"message":"hi"}', headers=JSON).status == 200
        assert service.get("/echo", "POST", body="{", headers=JSON).status == 400
        assert service.get(f"/made/up/{number}?{number}").status == 404
        assert service.get("/livez").status == 200
    leave_early(service)


@pytest.fixture(scope="module")
def scraper(service: Service, client: docker.DockerClient) -> Iterator[Prometheus]:
    """Prometheus, as the page configures it beside Compose, after a few requests and scrapes."""
    with prometheus(client, f"{service.project.slug}_default", blocks("yaml")[0]) as running:
        assert wait_until(lambda: [target["health"] for target in running.targets()] == ["up"], 20), running.targets()
        for _ in range(2):  # rate() wants scrapes that differ
            ask_all(service)
            time.sleep(2.5)
        yield running


def scrape(container: Container) -> str:
    """Return what a container says on its port for metrics; raises OSError if it does not listen."""
    [network] = container.attrs["NetworkSettings"]["Networks"].values()
    connection = http.client.HTTPConnection(network["IPAddress"], 9464, timeout=2)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_the_port_is_not_published_and_the_services_own_has_no_metrics(service: Service) -> None:
    own = [f"{service.project.answers['port']}/tcp"]
    assert list(service.container.attrs["NetworkSettings"]["Ports"]) == own
    assert list(service.image.attrs["Config"]["ExposedPorts"]) == own
    assert service.get("/metrics").status == 404
    assert "http_requests_in_flight" in scrape(service.container)


def test_routes_are_patterns(scraper: Prometheus) -> None:
    """Twenty paths that a client made up are one series; probes and health checks are none."""
    rows = scraper.query(f"sum by (method, route, status) ({COUNT})")
    assert rows[("GET", "/", "200")] == rows[("POST", "/echo", "200")] == 40
    assert rows[("GET", "other", "404")] >= 40
    assert {route for _, route, _ in rows} == {"/", "/echo", "other"}


def test_a_client_that_leaves_is_a_499(scraper: Prometheus) -> None:
    assert scraper.query(f'sum by (route) ({COUNT}{{status=~"4(00|99)"}})')[("/echo",)] == 42
    assert scraper.query("sum(http_requests_in_flight)") == {(): 0}


def test_the_text_is_as_prometheus_wants_it(service: Service, scraper: Prometheus) -> None:
    said = scraper.promtool("check metrics", scrape(service.container))
    # Some of the client library's names are older than the rules.
    assert [line for line in said if not line.startswith("nodejs_")] == []


def test_promtool_notices(scraper: Prometheus) -> None:
    said = scraper.promtool("check metrics", "# HELP up_total Is up.\n# TYPE up_total gauge\nup_total 1\n")
    assert len(said) == 1
    with pytest.raises(AssertionError, match="error while linting"):
        scraper.promtool("check metrics", "this is {no metric\n")


@pytest.mark.parametrize("query", blocks("promql"), ids=lambda query: " ".join(query.split())[:60])
def test_every_query_of_the_page_has_a_value(service: Service, scraper: Prometheus, query: str) -> None:
    if "database_" in query and service.project.answers["database"] != "postgres":
        assert scraper.query(query) == {}
        return
    # A scrape that a busy machine cuts leaves no value until the next one.
    assert wait_until(lambda: bool(scraper.query(query)), 10)
    values = scraper.query(query)
    assert all(value >= 0 for value in values.values()), values


def test_the_page_has_ten_queries_and_two_for_postgres() -> None:
    assert len(blocks("promql")) == 12


def test_the_pool_is_measured(service: Service, scraper: Prometheus) -> None:
    """Thirteen clients, of whom ten have the pool's connections, while somebody else holds the table."""
    if service.project.answers["database"] != "postgres":
        assert "database_" not in scrape(service.container)
        return
    clients = [threading.Thread(target=status, args=(service, "/notes")) for _ in range(13)]
    with held(service, "LOCK TABLE notes IN ACCESS EXCLUSIVE MODE;"):
        for one in clients:
            one.start()
        # A health check may wait, too.
        assert wait_until(lambda: scraper.query("database_waiting >= 3") != {}, 10)
        states = scraper.query("sum by (state) (database_connections)")
    for one in clients:
        one.join()
    assert states == {("busy",): 10, ("idle",): 0}
    assert wait_until(lambda: scraper.query("sum by (state) (database_connections)")[("busy",)] == 0, 10)
    assert scraper.query("sum(database_waiting)") == {(): 0}


@pytest.mark.parametrize("number", range(len(blocks("yaml"))))
def test_the_configurations_of_the_page_are_valid(scraper: Prometheus, number: int) -> None:
    said = scraper.promtool("check config --syntax-only /dev/stdin", blocks("yaml")[number])
    assert any("SUCCESS" in line for line in said), said


def test_versions(service: Service, scraper: Prometheus) -> None:
    assert scraper.query("count by (version) (service_info)") == {("0.1.0",): 1}
    assert scraper.query("count by (major) (nodejs_version_info)") == {(service.project.answers["node_version"],): 1}


def test_metrics_are_there_until_the_end_of_a_drain(service: Service, tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.write_text("SHUTDOWN_DELAY_MS=2000\n", encoding="utf-8")
    service.run(ENV_FILE=str(settings))
    instance = main_instance(service)
    container = instance.container
    start = instance.drain()
    last = start
    while True:
        try:
            assert "http_request" in scrape(container)
        except OSError:
            break
        last = time.time()
        time.sleep(0.02)
    assert instance.exit() == 0
    assert last - start > 1.5
    assert instant(instance.state["FinishedAt"]) - last < 0.5
    service.run()
