"""Fastify with autoloaded plugins in TypeScript: uploads into a folder, MySQL beside it, vitest."""

from __future__ import annotations

import json

import pytest

from support.moved_in.applications import APPLICATIONS
from support.moved_in.moved import Moved
from support.moved_in.targets import assert_every_target_works
from support.running import Record, Response, Service

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]
APPLICATION = APPLICATIONS["media"]
FORM = {"content-type": "multipart/form-data; boundary=edge"}


def upload(service: Service, content: str) -> Response:
    """Upload a file."""
    head = 'content-disposition: form-data; name="file"; filename="note.txt"'
    body = f"--edge\r\n{head}\r\n\r\n{content}\r\n--edge--\r\n"
    return service.get("/files", "POST", body=body, headers=FORM)


def use(service: Service) -> None:
    """Upload a file, which is larger than other bodies may be, and find it again."""
    content = "x" * 1_000_000
    added = upload(service, content)
    assert added.status == 201, added
    identity = json.loads(added.body)["id"]
    assert service.get(f"/files/{identity}").body == content
    assert identity in [row["id"] for row in json.loads(service.get("/files").body)]
    assert upload(service, "x" * 6_000_000).status == 413
    assert service.get("/files/1").status == 400
    assert service.get("/readyz").status == 200


def test_every_target_works(moved: Moved, record_property: Record) -> None:
    assert_every_target_works(moved, use, record_property)
