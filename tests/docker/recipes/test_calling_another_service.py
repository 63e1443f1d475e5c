"""Calling another service over TLS of a private CA: what becomes of its faults, how often it is asked, which trace."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from support.recipes.page import page_of
from support.recipes.upstream import NAME, Upstream, upstream
from support.running import Service, wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
ITEMS = [{"id": 1}]
LIMIT_MS = 1500
SETTINGS = f"UPSTREAM_URL=https://{NAME}:8443\nUPSTREAM_TIMEOUT_MS={LIMIT_MS}\n"


@pytest.fixture(scope="module")
def other(recipe: Service, client: docker.DockerClient) -> Iterator[Upstream]:
    """The other service. The image of the project's tests has what it needs."""
    with upstream(client, f"{recipe.project.slug}:test") as running:
        yield running


@pytest.fixture(scope="module")
def service(recipe: Service, other: Upstream) -> Service:
    """The service, which trusts the other one's CA as the page says, beside it on one network."""
    page = page_of("calling-another-service").text
    volumes = re.search(r"^ +(volumes: \[.*ca\.pem.*\])$", page, re.MULTILINE)
    variable = re.search(r"^NODE_EXTRA_CA_CERTS=.*$", page, re.MULTILINE)
    assert volumes is not None
    assert variable is not None
    folder = recipe.project.path
    (folder / "ca.pem").write_text(other.authority, encoding="utf-8")
    compose = recipe.project.read("compose.yaml")
    commented = '# volumes: ["data:/data"]'
    assert commented in compose
    (folder / "compose.yaml").write_text(compose.replace(commented, volumes[1]), encoding="utf-8")
    (folder / ".env").write_text(f"{SETTINGS}{variable[0]}\n", encoding="utf-8")
    recipe.run()
    other.join(recipe, NAME)
    return recipe


def faults(service: Service, trace: str) -> list[dict[str, Any]]:
    """Return the log's lines about calls that failed, of one trace, once the engine has written the first."""

    def found() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in service.logs() if line.startswith("{")]
        return [line for line in lines if line["msg"] == "call failed" and line.get("trace_id") == trace]

    wait_until(lambda: found() != [], 5)
    return found()


def traceparent(number: int) -> dict[str, str]:
    """Return the header of another trace."""
    return {"traceparent": f"00-{number:032x}-b7ad6b7169203331-01"}


def test_it_gives_what_the_other_service_gives_and_passes_the_trace_on(service: Service, other: Upstream) -> None:
    other.answer("well")
    answer = service.get("/items", headers={"traceparent": TRACEPARENT})
    assert (answer.status, json.loads(answer.body)) == (200, ITEMS)
    assert other.calls() == [{"method": "GET", "url": "/items", "traceparent": TRACEPARENT}]


@pytest.mark.parametrize("sent", [{}, {"traceparent": "00-nonsense-01"}], ids=["none", "invalid"])
def test_no_trace_is_invented(service: Service, other: Upstream, sent: dict[str, str]) -> None:
    other.answer("well")
    assert service.get("/items", headers=sent).status == 200
    assert other.calls() == [{"method": "GET", "url": "/items"}]


def test_one_failure_is_made_good(service: Service, other: Upstream) -> None:
    other.answer("well at the second call")
    assert json.loads(service.get("/items").body) == ITEMS
    assert len(other.calls()) == 2


@pytest.mark.parametrize(
    ("how", "status", "calls"),
    [("503", 502, 2), ("403", 500, 1), ("no JSON", 502, 1), ("never", 504, 1), ("half a body", 504, 1)],
)
def test_its_faults_are_ours_logged_and_not_told(
    service: Service, other: Upstream, how: str, status: int, calls: int
) -> None:
    other.answer(how)
    trace = traceparent(sum(how.encode()))
    start = time.monotonic()
    answer = service.get("/items", headers=trace)
    assert time.monotonic() - start < 2 * LIMIT_MS / 1000
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "detail" not in json.loads(answer.body)
    assert len(other.calls()) == calls
    [fault] = faults(service, trace["traceparent"].split("-")[1])
    assert how == "no JSON" or f"{NAME}:8443/items" in json.dumps(fault)
    assert "a customer" not in json.dumps(fault)


@pytest.mark.usefixtures("resumed")
def test_without_its_ca_it_is_not_believed(service: Service, other: Upstream) -> None:
    other.answer("well")
    (service.project.path / ".env").write_text(SETTINGS, encoding="utf-8")
    service.run()
    assert service.get("/items", headers={"traceparent": TRACEPARENT}).status == 502
    assert other.calls() == []
    [fault] = faults(service, TRACE)
    assert "certificate" in json.dumps(fault)
