"""Sessions: the cookie that a login sets, what it survives, what ends it, and whose pages may use it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import Morsel, SimpleCookie

import pytest

from support.company.surroundings import loopback, published
from support.recipes.page import page_of
from support.recipes.secrets import mount_secrets, write_secret
from support.running import Response, Service, is_ready, request, wait_until

NAME = "__Host-session"
HOURS = 8
OLD, NEW, STRANGER = ("1" * 64, "2" * 64, "3" * 64)
LOGIN = "ada:lovelace"
BASIC = {"authorization": f"Basic {base64.b64encode(LOGIN.encode()).decode()}"}
SEAL = """
import {{ sealData }} from 'iron-session';
console.log(await sealData({{ user: 'ada' }}, {{ password: {{ {id}: '{key}' }}, ttl: {seconds} }}));
"""
# Headers of a change that a page asks for, by whose page it is. The Host is that of the test's own connection.
OWN = {"browser": {"sec-fetch-site": "same-origin"}, "address bar": {"sec-fetch-site": "none"}, "no browser": {}}
FOREIGN = {
    "another site": {"sec-fetch-site": "cross-site"},
    "another subdomain": {"sec-fetch-site": "same-site"},
    "another site, old browser": {"origin": "https://evil.example"},
    "a sandbox, old browser": {"origin": "null"},
}


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service, with its key in a file as the page says."""
    page = page_of("sessions")
    variable = re.search(r"^SESSION_KEY_FILE=.*$", page.text, re.MULTILINE)
    assert variable is not None
    mount_secrets(recipe, page)
    (recipe.project.path / ".env").write_text(f"{variable[0]}\nLOGIN={LOGIN}\n", encoding="utf-8")
    set_keys(recipe, f"1:{OLD}")
    recipe.run()
    return recipe


def set_keys(service: Service, keys: str) -> None:
    """Write the file of keys."""
    write_secret(service, "session-key", keys)


def restart(service: Service) -> None:
    """Start the container anew."""
    service.container.restart()
    assert wait_until(lambda: is_ready(service.port), 20)


def log_in(service: Service, **headers: str) -> Response:
    """Log in, from a page of the service or as the headers say."""
    return service.get("/session", "POST", headers={**BASIC, **headers})


def morsel(answer: Response) -> Morsel[str]:
    """Return the one cookie that an answer sets."""
    cookie: SimpleCookie = SimpleCookie(answer.headers["set-cookie"])
    [(name, found)] = cookie.items()
    assert name == NAME
    return found


def user(port: int, value: str) -> str | None:
    """Return whom the service takes for logged in by a cookie's value."""
    answer = request(port, "/session", headers={"cookie": f"other=1; {NAME}={value}"})
    assert answer.status == 200, answer
    assert "set-cookie" not in answer.headers
    found: str | None = json.loads(answer.body).get("user")
    return found


def seal(service: Service, key: str, number: int = 1, seconds: int = 600) -> str:
    """Return a cookie's value for ada, sealed with any key, as if it had been so long ago that it ends in `seconds`."""
    code = SEAL.format(id=number, key=key, seconds=seconds)
    command = ["node", "--input-type=module", "--eval", code]
    output: bytes = service.client.containers.run(f"{service.project.slug}:test", command, remove=True)
    return output.decode().strip()


def test_a_login_sets_a_cookie_and_the_next_request_knows_the_user(service: Service) -> None:
    assert json.loads(service.get("/session").body) == {}
    answer = log_in(service)
    assert (answer.status, json.loads(answer.body)) == (200, {"user": "ada"})
    assert user(service.port, morsel(answer).value) == "ada"
    assert user(service.port, seal(service, OLD)) == "ada"


def test_the_cookies_flags(service: Service) -> None:
    found = morsel(log_in(service))
    assert found["httponly"] is True
    assert found["secure"] is True
    assert (found["samesite"].lower(), found["path"], found["domain"]) == ("lax", "/", "")
    assert 0 <= HOURS * 3600 - int(found["max-age"]) <= 60


@pytest.mark.parametrize("sent", [{}, {"authorization": "Basic YWRhOndyb25n"}, {"authorization": "Basic"}], ids=str)
def test_a_wrong_password_is_refused(service: Service, sent: dict[str, str]) -> None:
    answer = service.get("/session", "POST", headers=sent)
    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "set-cookie" not in answer.headers


def test_a_forged_or_expired_cookie_is_none(service: Service) -> None:
    good = morsel(log_in(service)).value
    middle = len(good) // 2
    changed = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
    expired, later = seal(service, OLD, seconds=-120), good.replace("*1*", "*2*", 1)
    nobodys = [seal(service, STRANGER), seal(service, OLD, number=7), expired, later, changed, good[:-9]]
    nonsense = ["", "nonsense", "%", "*" * 7, good.replace("*", "**", 1), re.sub(r"\*\d{13}\*", "*x*", good)]
    assert [user(service.port, value) for value in nobodys + nonsense] == [None] * 12
    assert [line for line in service.logs() if '"level":"error"' in line] == []


def test_a_logout_takes_the_cookie_away(service: Service) -> None:
    good = morsel(log_in(service)).value
    answer = service.get("/session", "DELETE", headers={"cookie": f"{NAME}={good}"})
    gone = morsel(answer)
    assert (answer.status, gone.value, gone["max-age"], gone["path"]) == (204, "", "0", "/")
    assert gone["secure"] is True


@pytest.mark.parametrize("whose", OWN)
def test_pages_of_its_own_may_change_something(service: Service, whose: str) -> None:
    assert log_in(service, **OWN[whose]).status == 200


def test_an_old_browser_on_a_page_of_its_own(service: Service) -> None:
    host = f"app.example.com:{service.port}"
    assert log_in(service, host=host, origin=f"https://{host}").status == 200
    assert log_in(service, host=host, origin="https://app.example.com").status == 403


@pytest.mark.parametrize("whose", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_pages_of_others_may_change_nothing(service: Service, whose: str, method: str) -> None:
    cookie = f"{NAME}={morsel(log_in(service)).value}"
    answer = service.get("/session", method, headers={**BASIC, **FOREIGN[whose], "cookie": cookie})
    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "set-cookie" not in answer.headers
    assert json.loads(service.get("/session", headers={**FOREIGN[whose], "cookie": cookie}).body) == {"user": "ada"}


def test_other_methods_are_as_before(service: Service) -> None:
    options, wrong = service.get("/session", "OPTIONS"), service.get("/session", "PUT")
    assert (options.status, options.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST")
    assert (wrong.status, wrong.headers["allow"]) == (405, options.headers["allow"])


def test_a_restart_keeps_sessions(service: Service) -> None:
    good = morsel(log_in(service)).value
    restart(service)
    assert user(service.port, good) == "ada"


@contextmanager
def replica(service: Service, environment: dict[str, str]) -> Iterator[int]:
    """Run a second replica with these settings; give its port."""
    container = service.client.containers.create(service.tag, environment=environment, ports=loopback("3000/tcp"))
    try:
        container.start()
        container.reload()
        port = published(container)["3000/tcp"]
        assert wait_until(lambda: is_ready(port), 20), container.logs().decode()
        yield port
    finally:
        container.remove(force=True, v=True)


def test_replicas_share_sessions(service: Service) -> None:
    """The second has its key from a variable."""
    with replica(service, {"SESSION_KEY": f"1:{OLD}", "LOGIN": LOGIN}) as port:
        assert user(port, morsel(log_in(service)).value) == "ada"
        assert user(service.port, morsel(request(port, "/session", "POST", headers=BASIC)).value) == "ada"


def test_without_settings_nothing_is_open(service: Service) -> None:
    with replica(service, {}) as port:
        assert user(port, morsel(log_in(service)).value) is None
        assert request(port, "/session", "POST", headers=BASIC).status == 403
    with replica(service, {"LOGIN": LOGIN}) as port:
        own = morsel(request(port, "/session", "POST", headers=BASIC)).value
        assert (user(port, own), user(service.port, own)) == ("ada", None)


def test_keys_are_replaced_without_a_logout(service: Service) -> None:
    old = morsel(log_in(service)).value
    try:
        set_keys(service, f"2:{NEW},1:{OLD}")
        restart(service)
        new = morsel(log_in(service)).value
        assert (user(service.port, old), user(service.port, new)) == ("ada", "ada")
        set_keys(service, f"2:{NEW}")
        restart(service)
        assert (user(service.port, old), user(service.port, new)) == (None, "ada")
    finally:
        set_keys(service, f"1:{OLD}")
        restart(service)


@pytest.mark.parametrize("key", ["", "1:short", OLD, f"1:{OLD},"], ids=["empty", "short", "bare", "half a list"])
@pytest.mark.usefixtures("resumed")
def test_a_bad_key_stops_the_start(service: Service, key: str) -> None:
    (service.project.path / ".env").write_text(f"SESSION_KEY={key}\n", encoding="utf-8")
    result = service.project.make("run", PORT=str(service.port))
    assert result.returncode != 0
    assert "SESSION_KEY must be 1:KEY or 2:NEW,1:OLD, each of 32 letters" in result.stdout + result.stderr
