"""A to-do service in CommonJS: its own server, a native addon for SQLite, a page, mocha and ESLint."""

from __future__ import annotations

import json

import pytest

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved, succeeds
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Service

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
JSON = {"content-type": "application/json"}
APPLICATION = APPLICATIONS["todo"]


def add(service: Service, title: str) -> int:
    """Add an item; return its number."""
    answer = service.get("/api/items", "POST", body=json.dumps({"title": title}), headers=JSON)
    assert answer.status == 201, answer
    number: int = json.loads(answer.body)["id"]
    return number


def titles(service: Service) -> list[str]:
    """Return the titles of all items."""
    return [item["title"] for item in json.loads(service.get("/api/items").body)]


def use(service: Service) -> None:
    """Look at the page, add an item, and finish it."""
    assert "<title>To do</title>" in service.get("/").body
    assert service.get("/todo.js").headers["content-type"].startswith("text/javascript")
    number = add(service, "milk")
    finished = service.get(f"/api/items/{number}", "PATCH")
    assert json.loads(finished.body) == {"id": number, "title": "milk", "done": 1}
    assert service.get("/api/items/99", "PATCH").status == 404


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)


def test_items_outlive_the_container(moved: Moved) -> None:
    """In production and in development each has a volume of its own, which goes only by hand."""
    service = moved.service
    service.run()
    add(service, "bread")
    succeeds(service, "clean")
    service.run()
    assert "bread" in titles(service)
    assert "docker volume rm" in succeeds(service, "clean")
