"""A queue in Redis with its dashboard, behind the template's server, and a worker from the same image."""

from __future__ import annotations

import json
import re

import pytest

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.recipes.beside import container_of
from support.running import Record, Service, wait_until

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
APPLICATION = APPLICATIONS["queue"]
INLINE = re.compile(r"<script(?![^>]* src=)(?![^>]* type=.?application/json)[^>]*>")


def order(service: Service, text: str) -> str:
    """Order a report; return its number."""
    answer = service.get(
        "/reports", "POST", body=json.dumps({"text": text}), headers={"content-type": "application/json"}
    )
    assert answer.status == 202, answer
    number: str = json.loads(answer.body)["id"]
    return number


def look_at_dashboard(service: Service) -> None:
    """The dashboard's page and what it loads are there, as the page's security policy wants them."""
    page = service.get("/queues")
    assert page.status == 200
    assert INLINE.findall(page.body) == []
    sources = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+\.(?:js|css))"', page.body)
    assert sources
    for source in sources:
        path = source if source.startswith("/") else f"/queues/{source}"
        assert service.get(path).status == 200, path
    queues = json.loads(service.get("/queues/api/queues").body)["queues"]
    assert [queue["name"] for queue in queues] == ["reports"]


def state(service: Service, number: str) -> str:
    """Return what became of a report."""
    found: str = json.loads(service.get(f"/reports/{number}").body)["state"]
    return found


def use(service: Service) -> None:
    """Order a report and find it waiting, or done where a worker runs."""
    look_at_dashboard(service)
    number = order(service, "a small report")
    assert state(service, number) in ("waiting", "active", "completed")
    assert service.get("/readyz").status == 200


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)


def test_the_worker_does_what_is_ordered_and_stops_in_order(moved: Moved) -> None:
    service = moved.service
    service.run()
    number = order(service, "a small report")
    assert wait_until(lambda: state(service, number) == "completed", 20)
    assert json.loads(service.get(f"/reports/{number}").body)["result"] == {"words": 3, "longest": "report"}
    worker = container_of(service, "worker")
    assert worker.attrs["HostConfig"]["ReadonlyRootfs"]
    worker.stop(timeout=9)
    assert container_of(service, "worker").attrs["State"]["ExitCode"] == 0
