"""Express with Prisma's generated client and path aliases, its own server, MySQL beside it.

Two things of Prisma come from an address that tests do not reach. Its `generate` asks for the engine of migrations,
which it does not run: a program stands in for it by a variable. `prisma migrate deploy` would run it: instead the
database reads the migration's SQL at its first start, as the application's compose file says.
"""

from __future__ import annotations

import json

import pytest

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Response, Service

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
APPLICATION = APPLICATIONS["books"]


def add(service: Service, **book: str) -> Response:
    """Add a book."""
    return service.get("/books", "POST", body=json.dumps(book), headers={"content-type": "application/json"})


def use(service: Service) -> None:
    """Add a book and find it; what is on no shelf is refused."""
    added = add(service, title="Odes", shelf="poems")
    assert added.status == 201, added
    assert json.loads(added.body) in json.loads(service.get("/books?title=ODE").body)
    assert json.loads(service.get("/books?title=none").body) == []
    assert add(service, title="Odes", shelf="maps").status == 400


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)
