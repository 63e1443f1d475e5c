"""An npm workspace: the service behind the template's server, and a package beside it with a dependency of its own."""

from __future__ import annotations

import json
import time
from http.client import HTTPException

import pytest

from loopback import free_port
from support.development import make_dev
from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Service, wait_until

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
APPLICATION = APPLICATIONS["notes"]


def keep(service: Service, title: str) -> str:
    """Keep a note; return its address."""
    body = json.dumps({"title": title, "text": "buy"})
    answer = service.get("/notes", "PUT", body=body, headers={"content-type": "application/json"})
    assert answer.status == 201, answer
    address: str = json.loads(answer.body)["address"]
    return address


def use(service: Service) -> None:
    """A note is kept and found; what nobody answers is the template's 404."""
    assert keep(service, "Milk & bread") == "milk-and-bread"
    assert json.loads(service.get("/notes/milk-and-bread").body) == {"title": "Milk & bread", "text": "buy"}
    none = service.get("/notes/none")
    assert (none.status, none.headers["content-type"]) == (404, "application/problem+json")


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)


def test_what_was_locked_stays_locked(moved: Moved) -> None:
    """The application's lockfile has an older version than its package.json would take."""
    lockfile = json.loads(moved.service.project.read("package-lock.json"))
    assert lockfile["packages"]["node_modules/slugify"]["version"] == "1.6.5"


def test_an_edit_of_the_package_reaches_development(moved: Moved) -> None:
    service = moved.service
    source = service.project.path / "packages" / "text" / "src" / "index.js"
    with make_dev(service, free_port()):
        # At first `make dev` builds anew for any edit, because Compose may have missed it.
        time.sleep(6)
        source.write_text(source.read_text(encoding="utf-8").replace("lower: true", "lower: false"), encoding="utf-8")
        assert wait_until(lambda: kept(service) == "Milk-and-bread", 20)


def kept(service: Service) -> str:
    """Return the address of a note; "" while the service reloads."""
    try:
        return keep(service, "Milk & bread")
    except (OSError, HTTPException):
        return ""
