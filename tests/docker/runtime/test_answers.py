"""What clients get: statuses, problem+json, HEAD, OPTIONS, and security headers on every answer."""

from __future__ import annotations

import json

import pytest

from loopback import GREETING
from support.runtime.containers import Instance
from support.runtime.facts import SECURITY
from support.runtime.raw import Connection, Reply, chunked, echo, exchange, message

JSON = "Content-Type: application/json"

# Requests for every way an answer can come about, and its status.
EVERY_ANSWER = {
    "greeting": (message(), 200),
    "liveness": (message(target="/livez"), 200),
    "readiness": (message(target="/readyz"), 200),
    "echo": (message("POST", "/echo", JSON, body=b'{"message":"hi"}'), 200),
    "query": (message(target="/?a=1&b=%20"), 200),
    "options": (message("OPTIONS", "/"), 204),
    "not JSON": (message("POST", "/echo", JSON, body=b"{"), 400),
    "not in the schema": (message("POST", "/echo", JSON, body=b'{"message":1}'), 400),
    "more than the schema": (message("POST", "/echo", JSON, body=b'{"message":"a","b":1}'), 400),
    "no body": (message("POST", "/echo", JSON, "Content-Length: 0"), 400),
    "no Host": (message(host=False), 400),
    "two Hosts": (message("GET", "/", "Host: other"), 400),
    "two Lengths": (message("POST", "/echo", "Content-Length: 1", "Content-Length: 2"), 400),
    "unknown path": (message(target="/nothing"), 404),
    "wrong method": (message("DELETE", "/"), 405),
    "GET of a POST": (message(target="/echo"), 405),
    "too large": (message("POST", "/echo", JSON, body=b"x" * 102_401), 413),
    "too large, chunked": (
        message("POST", "/echo", JSON, "Transfer-Encoding: chunked") + chunked(b"x" * 102_401),
        413,
    ),
    "another type": (message("POST", "/echo", "Content-Type: text/plain", body=b"hi"), 415),
    "no type": (message("POST", "/echo", body=b"hi"), 415),
    "a form": (message("POST", "/echo", "Content-Type: application/x-www-form-urlencoded", body=b"a=1"), 415),
    "compressed": (message("POST", "/echo", JSON, "Content-Encoding: gzip", body=b"hi"), 415),
    "not HTTP": (b"nonsense\r\n\r\n", 400),
    "another protocol": (b"GET / HTTP/3.7\r\nHost: localhost\r\n\r\n", 400),
    "large header": (message("GET", "/", "X: " + "x" * 20_000), 431),
    "many headers": (message("GET", "/", *(f"X-{n}: x" for n in range(200))), 431),
}


def only_reply(instance: Instance, request: bytes) -> Reply:
    """Send a request and return its answer; fails if there is none or more than one."""
    replies = exchange(instance.port, request)
    assert len(replies) == 1, replies
    return replies[0]


@pytest.mark.parametrize("name", EVERY_ANSWER)
def test_every_answer(main: Instance, name: str) -> None:
    request, status = EVERY_ANSWER[name]
    reply = only_reply(main, request)
    assert reply.status == status, reply
    assert {field: reply.headers.get(field) for field in SECURITY} == SECURITY
    names = [field for field, _ in reply.fields]
    assert sorted(set(names)) == sorted(names), "a field is repeated"
    assert {"x-powered-by", "server", "etag"}.isdisjoint(names)
    assert reply.headers["x-request-id"]
    assert "date" in names
    if status >= 400:
        assert set(reply.problem) <= {"type", "title", "status", "detail"}
        assert reply.problem["type"] == "about:blank"
        assert len(reply.body) < 300, "an answer repeats nothing of what was sent"
    elif status == 200 and name != "echo":
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"


def test_greeting_and_echo(main: Instance) -> None:
    assert main.ask().body == GREETING.encode() + b"\n"
    reply = echo(main.port, '{"message":"Grüße 🐳"}'.encode())
    assert json.loads(reply.body) == {"message": "Grüße 🐳"}
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


def test_echo_of_exactly_the_limit(main: Instance) -> None:
    body = b'{"message":"hi"}'
    assert echo(main.port, body + b" " * (102_400 - len(body))).status == 200


@pytest.mark.parametrize("target", ["/", "/livez", "/readyz"])
def test_head_is_get_without_its_body(main: Instance, target: str) -> None:
    whole, head = main.ask("GET", target), main.ask("HEAD", target)
    assert head.status == whole.status == 200
    varying = {"date", "x-request-id"}

    def kept(reply: Reply) -> dict[str, str]:
        return {name: value for name, value in reply.fields if name not in varying}

    assert kept(head) == kept(whole)
    assert head.headers["content-length"] == str(len(whole.body))


def test_head_of_an_error_has_no_body(main: Instance) -> None:
    with Connection(main.port) as connection:
        connection.send(message("HEAD", "/nothing"))
        connection.finish()
        reply = connection.reply("HEAD")
        assert reply is not None
        assert reply.status == 404
        assert connection.ended()


@pytest.mark.parametrize(("target", "allow"), [("/", "GET, HEAD, OPTIONS"), ("/echo", "OPTIONS, POST")])
def test_options_and_405_name_the_methods(main: Instance, target: str, allow: str) -> None:
    options = main.ask("OPTIONS", target)
    assert (options.status, options.headers["allow"], options.body) == (204, allow, b"")
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        refused = main.ask(method, target)
        assert (refused.status, refused.headers["allow"]) == (405, allow), method


def test_trace_is_not_reflected(main: Instance) -> None:
    """TRACE would return what a proxy added (RFC 9110, 9.3.8: sensitive fields must not be sent back)."""
    reply = main.ask("TRACE", "/", "Cookie: secret-cookie")
    assert reply.status == 405
    assert b"secret-cookie" not in reply.body


def test_connect_opens_no_tunnel(main: Instance) -> None:
    assert all(reply.status >= 400 for reply in exchange(main.port, message("CONNECT", "localhost:22")))


def test_request_id_is_kept_if_well_formed(main: Instance) -> None:
    assert main.ask("GET", "/", "X-Request-Id: abc-123.X_y").headers["x-request-id"] == "abc-123.X_y"
    made = set()
    for bad in ("", "a b", "x" * 65, "ü", '"quoted"', "a,b", "a\tb", "{}", "x" * 10_000):
        reply = main.ask("GET", "/", f"X-Request-Id: {bad}")
        made.add(reply.headers["x-request-id"])
        assert bad not in made
    assert len(made) == 9


def test_keep_alive_serves_many_requests_on_one_connection(main: Instance) -> None:
    replies = exchange(main.port, message() * 20, 20)
    assert [reply.body for reply in replies] == [GREETING.encode() + b"\n"] * 20
