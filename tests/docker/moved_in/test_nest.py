"""NestJS in CommonJS: its own server, decorators with their types, an enum, and Node's own runner."""

from __future__ import annotations

import json

import pytest

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Response, Service

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
APPLICATION = APPLICATIONS["nest"]


def add(service: Service, **cat: object) -> Response:
    """Add a cat."""
    return service.get("/cats", "POST", body=json.dumps(cat), headers={"content-type": "application/json"})


def use(service: Service) -> None:
    """Add a cat and find it; what is none is refused by the types of its class."""
    cat = {"name": "Tom", "age": 3, "colour": "ginger"}
    added = add(service, **cat, more=1)
    assert (added.status, json.loads(added.body)) == (201, {"id": 1, **cat})
    assert json.loads(service.get("/cats/1").body) == {"id": 1, **cat}
    assert service.get("/cats/Tom").status == 400
    assert add(service, name="Tom", age="three").status == 400


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)
