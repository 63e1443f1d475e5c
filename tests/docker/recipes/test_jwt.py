"""JWT: which tokens of a real issuer count, what the others are answered, and what becomes of its key set's faults."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from support.recipes.issuer import AUDIENCE, ISSUER, NAME, Issuer, issuer
from support.running import Response, Service, is_ready, wait_until

SETTINGS = f"JWKS_URL={ISSUER}/keys\nJWT_ISSUER={ISSUER}\nJWT_AUDIENCE={AUDIENCE}\n"
COOL_DOWN = 5  # seconds
# What the token is given, by what is wrong with it.
BAD: dict[str, dict[str, Any]] = {
    "expired": {"exp": time.time() - 120},
    "without an end": {"exp": None},
    "not yet valid": {"nbf": time.time() + 7200},
    "of another issuer": {"iss": f"{ISSUER}/"},
    "without an issuer": {"iss": None},
    "for another service": {"aud": "https://other.example.com"},
    "for no service": {"aud": None},
    "not signed": {"alg": "none"},
    "signed with the public key": {"alg": "HS256", "kid": "rsa"},
    "of another algorithm": {"alg": "RS512", "kid": "rsa"},
    "signed by another key": {"alg": "RS256", "kid": "rsa", "key": "stranger"},
    "of an unknown key": {"alg": "RS256", "kid": "stranger"},
}


@pytest.fixture(scope="module")
def keys(recipe: Service, client: docker.DockerClient) -> Iterator[Issuer]:
    """The issuer. The image of the project's tests has what it needs."""
    with issuer(client, f"{recipe.project.slug}:test") as running:
        yield running


@pytest.fixture(scope="module")
def service(recipe: Service, keys: Issuer) -> Service:
    """The service, beside the issuer on one network."""
    (recipe.project.path / ".env").write_text(SETTINGS, encoding="utf-8")
    recipe.run()
    keys.join(recipe, NAME)
    return recipe


def me(service: Service, token: str, **headers: str) -> Response:
    """Ask who a token says that it is."""
    return service.get("/me", headers={"authorization": f"Bearer {token}", **headers})


def restart(service: Service) -> None:
    """Let the service forget the keys that it has."""
    service.container.restart()
    assert wait_until(lambda: is_ready(service.port), 20)


def assert_problem(answer: Response, status: int, challenge: str | None) -> None:
    """Whether this is a refusal of that status with that WWW-Authenticate."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json"), answer
    assert answer.headers.get("www-authenticate") == challenge


@pytest.mark.parametrize(("alg", "kid"), [("ES256", "ec"), ("RS256", "rsa")])
def test_tokens_of_both_keys_are_good(service: Service, keys: Issuer, alg: str, kid: str) -> None:
    answer = me(service, keys.token(alg, kid))
    assert (answer.status, json.loads(answer.body)["sub"]) == (200, "ada")
    assert "www-authenticate" not in answer.headers


def test_one_audience_of_several_and_a_clock_that_is_late(service: Service, keys: Issuer) -> None:
    assert me(service, keys.token(aud=["https://other.example.com", AUDIENCE])).status == 200
    assert me(service, keys.token(exp=time.time() - 5)).status == 200


@pytest.mark.parametrize("what", BAD)
def test_a_bad_token_is_refused(service: Service, keys: Issuer, what: str) -> None:
    answer = me(service, keys.token(**BAD[what]))
    assert_problem(answer, 401, 'Bearer error="invalid_token"')
    assert json.loads(answer.body)["detail"]


def test_what_is_no_token_is_refused(service: Service, keys: Issuer) -> None:
    good = keys.token()
    for bad in ("nonsense", "a.b.c", good[:-4], good.replace(".", "..", 1), "x" * 4000):
        assert_problem(me(service, bad), 401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("sent", [{}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer"}], ids=str)
def test_without_a_token_the_challenge_has_no_error(service: Service, sent: dict[str, str]) -> None:
    assert_problem(service.get("/me", headers=sent), 401, 'Bearer realm="api"')


@pytest.mark.parametrize("scope", [None, "", "email", "profile:read profiles", "Profile", ["profiles"]], ids=str)
def test_a_missing_scope_is_a_403(service: Service, keys: Issuer, scope: Any) -> None:
    answer = me(service, keys.token(scope=scope))
    assert_problem(answer, 403, 'Bearer error="insufficient_scope", scope="profile"')


def test_the_other_routes_and_methods_are_as_before(service: Service) -> None:
    assert service.get("/").status == 200
    options = service.get("/me", "OPTIONS")
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert service.get("/me", "POST").status == 405
    assert service.get("/nothing").status == 404


def test_bad_tokens_do_not_make_it_fetch_the_keys_each_time(service: Service, keys: Issuer) -> None:
    restart(service)
    keys.answer("well")
    unknown = keys.token("RS256", "stranger")
    start = time.monotonic()
    assert me(service, keys.token()).status == 200
    assert {me(service, unknown).status for _ in range(20)} == {401}
    assert 1 <= keys.fetches() <= 1 + (time.monotonic() - start) // COOL_DOWN


def faults(service: Service, number: str) -> list[dict[str, Any]]:
    """Return the log's lines about the fault of one request, once the engine has written the first."""

    def found() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in service.logs() if line.startswith("{")]
        return [line for line in lines if line["level"] == "error" and line.get("id") == number]

    wait_until(lambda: found() != [], 5)
    return found()


@pytest.mark.parametrize("how", ["503", "no JSON", "no key set", "never"])
def test_without_a_key_set_it_is_a_logged_503_and_not_the_clients_fault(
    service: Service, keys: Issuer, how: str
) -> None:
    restart(service)
    keys.answer(how)
    good = keys.token()
    number = f"fault-{time.monotonic_ns()}"
    answer = me(service, good, **{"x-request-id": number})
    assert_problem(answer, 503, None)
    assert "detail" not in json.loads(answer.body)
    [fault] = faults(service, number)
    assert "JSON Web Key Set" in fault["err"]["message"] or how == "never"
    assert is_ready(service.port)
    # What is wrong without looking at a key stays the client's fault.
    assert me(service, keys.token(alg="none")).status == 401
    keys.answer("well")
    assert me(service, good).status == 200


def test_an_issuer_that_is_gone(service: Service, keys: Issuer, client: docker.DockerClient) -> None:
    """Keys that are in memory count on; without them it is a 503 until the issuer is back."""
    good, number = keys.token(), f"gone-{time.monotonic_ns()}"
    assert me(service, good).status == 200
    network = client.networks.get(f"{service.project.slug}_default")
    network.disconnect(keys.container)
    try:
        assert me(service, good).status == 200
        restart(service)
        assert_problem(me(service, good, **{"x-request-id": number}), 503, None)
    finally:
        network.connect(keys.container, aliases=[NAME])
    [fault] = faults(service, number)
    assert NAME in fault["err"]["message"]
    assert wait_until(lambda: me(service, good).status == 200, 10)


def test_no_token_is_in_the_log(service: Service, keys: Issuer) -> None:
    good, bad = keys.token(), keys.token(exp=1)
    assert (me(service, good).status, me(service, bad, **{"x-request-id": "last"}).status) == (200, 401)
    assert wait_until(lambda: any('"last"' in line for line in service.logs()), 5)
    log = "\n".join(service.logs())
    assert [token for token in (good, bad) if token.split(".")[1] in log] == []


def test_a_new_key_counts_without_a_restart_and_the_old_one_no_more(service: Service, keys: Issuer) -> None:
    old, new, other = keys.token("RS256", "rsa"), keys.token("RS256", "next"), keys.token()
    assert [me(service, token).status for token in (old, new, other)] == [200, 401, 200]
    keys.publish("next", "ec")
    try:
        assert wait_until(lambda: me(service, new).status == 200, 2 * COOL_DOWN)
        assert [me(service, token).status for token in (old, other)] == [401, 200]
    finally:
        keys.publish("rsa", "ec")
        restart(service)


def test_a_bad_address_stops_the_start(recipe: Service) -> None:
    (recipe.project.path / ".env").write_text("JWKS_URL=login.example.com\n", encoding="utf-8")
    result = recipe.project.make("run", PORT=str(recipe.port))
    assert result.returncode != 0
    assert "JWKS_URL must be a URL" in result.stdout + result.stderr
