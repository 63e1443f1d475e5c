"""Express with views, sessions and public files, behind the template's server, in the distroless image."""

from __future__ import annotations

import pytest

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Service

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
FORM = {"content-type": "application/x-www-form-urlencoded"}
APPLICATION = APPLICATIONS["shop"]


def use(service: Service) -> None:
    """Buy a cup: the basket has it, and another visitor's has not. Pages may load the style."""
    page = service.get("/")
    assert "Tea &amp; herbs, 4.50" in page.body
    assert "In your basket: 0" in page.body
    assert "default-src 'self'" in page.headers["content-security-policy"]
    style = service.get("/style.css")
    assert (style.headers["content-type"], style.headers["cache-control"]) == (
        "text/css; charset=utf-8",
        "public, max-age=3600",
    )
    bought = service.get("/basket", "POST", body="id=cup", headers=FORM)
    assert (bought.status, bought.headers["location"]) == (302, "/basket")
    cookie = {"cookie": bought.headers["set-cookie"].partition(";")[0]}
    assert "<li>Cup</li>" in service.get("/basket", headers=cookie).body
    assert "<li>" not in service.get("/basket").body
    assert "No such page" in service.get("/nothing").body
    broken = service.get("/broken")
    assert (broken.status, "Something failed" in broken.body) == (500, True)
    assert service.get("/readyz").status == 200


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)
