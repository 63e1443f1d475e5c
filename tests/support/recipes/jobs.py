"""What the tests of the queue and of its worker ask a service: to take a job, and what has become of one."""

from __future__ import annotations

import json
from typing import Any

from support.running import Response, Service

JSON = {"content-type": "application/json"}


def post_job(service: Service, message: str, **options: object) -> Response:
    """Ask for a job with this message."""
    return service.get("/jobs", "POST", body=json.dumps({"message": message}), headers=JSON, **options)


def add_job(service: Service, message: str) -> str:
    """Add a job; return its id."""
    answer = post_job(service, message)
    assert answer.status == 202, answer
    identity: str = json.loads(answer.body)["id"]
    return identity


def ask_for(service: Service, identity: str) -> Response:
    """Ask what has become of a job: node:http has the id in the query, and no parameters in paths."""
    in_query = service.project.answers["framework"] == "http"
    return service.get(f"/jobs?id={identity}" if in_query else f"/jobs/{identity}")


def job(service: Service, identity: str) -> dict[str, Any]:
    """Return what the service says of a job."""
    answer = ask_for(service, identity)
    assert answer.status == 200, answer
    found: dict[str, Any] = json.loads(answer.body)
    return found
