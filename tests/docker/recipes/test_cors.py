"""CORS: the origins that CORS_ORIGINS names may call the service, no other, and OPTIONS and 405 are what they were."""

from __future__ import annotations

import pytest

from support.running import Response, Service

ORIGINS = ["https://app.example.com", "http://localhost:5173"]
OTHERS = ["https://example.com", "https://app.example.com.evil.test", "http://app.example.com", "null"]
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
# What the service itself reads, beside what a front end shows who it is by.
OWN_HEADERS = {"authorization", "content-type", "idempotency-key", "traceparent", "x-request-id"}
ECHO = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service, with two origins allowed."""
    (recipe.project.path / ".env").write_text(f"CORS_ORIGINS={','.join(ORIGINS)}\n", encoding="utf-8")
    recipe.run()
    return recipe


def words(answer: Response, name: str) -> set[str]:
    """Return the items of a header that is a list, in lower case."""
    return {item.strip().lower() for item in answer.headers.get(name, "").split(",") if item.strip()}


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_origin_that_is_named_may_ask_and_read(service: Service, origin: str) -> None:
    preflight = service.get("/echo", "OPTIONS", headers={**PREFLIGHT, "origin": origin})
    assert 200 <= preflight.status < 300  # what browsers want of it (Fetch, "CORS-preflight fetch")
    assert preflight.headers["access-control-allow-origin"] == origin
    assert words(preflight, "access-control-allow-methods") >= {"post", "put", "delete"}
    assert words(preflight, "access-control-allow-headers") >= {"content-type"}
    assert preflight.headers["access-control-max-age"] == "600"
    for answer in (
        service.get("/echo", "POST", body='{"message":"hi"}', headers={**ECHO, "origin": origin}),
        service.get("/echo", headers={"origin": origin}),
        service.get("/nothing", headers={"origin": origin}),
    ):
        assert answer.headers["access-control-allow-origin"] == origin, answer
        assert words(answer, "access-control-expose-headers") == {"x-request-id"}
        assert words(answer, "vary") >= {"origin"}
        assert "access-control-allow-credentials" not in answer.headers


def test_a_page_may_send_every_header_that_it_asks_for(service: Service) -> None:
    """One that it does not ask for in a preflight is not named there, so that no cache has the wrong answer."""
    for asked in (OWN_HEADERS, {"x-mine"}):
        headers = {**PREFLIGHT, "access-control-request-headers": ",".join(sorted(asked)), "origin": ORIGINS[0]}
        preflight = service.get("/echo", "OPTIONS", headers=headers)
        assert words(preflight, "access-control-allow-headers") == asked
        assert words(preflight, "vary") >= {"origin", "access-control-request-headers"}
    plain = {"access-control-request-method": "POST", "origin": ORIGINS[0]}
    assert words(service.get("/echo", "OPTIONS", headers=plain), "access-control-allow-headers") == set()


@pytest.mark.parametrize("origin", OTHERS)
def test_another_origin_may_not(service: Service, origin: str) -> None:
    for answer in (
        service.get("/echo", "OPTIONS", headers={**PREFLIGHT, "origin": origin}),
        service.get("/", headers={"origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers, answer
        assert words(answer, "vary") >= {"origin"}


def test_without_an_origin_all_is_as_before(service: Service) -> None:
    plain = service.get("/", "OPTIONS")
    assert (plain.status, plain.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    wrong = service.get("/echo")
    assert (wrong.status, wrong.headers["allow"]) == (405, "OPTIONS, POST")
    assert service.get("/nothing", "OPTIONS").status == 404
    assert "access-control-allow-origin" not in service.get("/").headers


def test_a_bad_list_stops_the_start(recipe: Service) -> None:
    (recipe.project.path / ".env").write_text("CORS_ORIGINS=https://app.example.com/\n", encoding="utf-8")
    result = recipe.project.make("run", PORT=str(recipe.port))
    assert result.returncode != 0
    assert "CORS_ORIGINS must be origins with commas between" in result.stdout + result.stderr
