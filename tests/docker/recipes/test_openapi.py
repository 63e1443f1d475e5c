"""OpenAPI: the document's schemas are what the service checks by, and the page works under its own headers alone."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urljoin

import jsonschema
import pytest

from support.running import Service

JSON = {"content-type": "application/json"}
BODIES: list[Any] = [
    *({"message": "hi"}, {"message": "x" * 1000}, {"message": "x" * 1001}, {"message": ""}, {"message": 1}),
    *({"message": "hi", "more": 1}, {}, [], None, "hi"),
]


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service as the page leaves it."""
    recipe.run()
    return recipe


@pytest.fixture(scope="module")
def document(service: Service) -> dict[str, Any]:
    """The OpenAPI document that it serves."""
    answer = service.get("/docs/json")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_operations_answer_with_bodies_of_their_schemas(service: Service, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert "post" in document["paths"]["/echo"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            body = json.dumps(content["example"]) if content else None
            answer = service.get(path, method.upper(), body=body, headers=JSON)
            media_type = answer.headers["content-type"].partition(";")[0]
            schema = operation["responses"][str(answer.status)]["content"][media_type]["schema"]
            value = json.loads(answer.body) if media_type == "application/json" else answer.body
            jsonschema.validate(value, schema)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[:20])
def test_the_service_refuses_what_the_document_refuses(service: Service, document: dict[str, Any], body: Any) -> None:
    content = document["paths"]["/echo"]["post"]["requestBody"]["content"]["application/json"]
    allowed = jsonschema.Draft202012Validator(content["schema"]).is_valid(body)
    assert service.get("/echo", "POST", body=json.dumps(body), headers=JSON).status == (200 if allowed else 400)


def test_a_refusal_names_the_field(service: Service) -> None:
    answer = service.get("/echo", "POST", body='{"message":1}', headers=JSON)
    assert "message" in json.loads(answer.body)["detail"]


def test_the_page_loads_all_it_needs_from_itself(service: Service) -> None:
    page = service.get("/docs/")
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    scripts = re.findall(r"<script([^>]*)>\s*(.*?)\s*</script>", page.body, re.DOTALL)
    assert scripts
    assert [text for _, text in scripts if text] == [], "the policy allows no script inside the page"
    for source in re.findall(r'(?:src|href)="([^"]+)"', page.body):
        file = service.get(urljoin("/docs/", source), "HEAD")
        assert file.status == 200, source
        kind = {".js": "javascript", ".css": "text/css", ".png": "image/png"}[re.search(r"\.\w+$", source)[0]]  # type: ignore[index]
        assert kind in file.headers["content-type"], source


def test_what_is_no_page_keeps_the_policy_of_an_api(service: Service) -> None:
    for path in ("/", "/docs/json", "/nothing"):
        assert service.get(path).headers["content-security-policy"] == "default-src 'none';frame-ancestors 'none'"
    wrong = service.get("/echo")
    assert (wrong.status, wrong.headers["allow"]) == (405, "OPTIONS, POST")
