"""The log: JSON whatever clients send, one line per request, no secrets, no probes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.running import wait_until
from support.runtime.containers import Instance, InstanceFactory
from support.runtime.raw import Connection, echo, exchange, message

HOSTILE = [
    '"',
    "\\",
    '","level":"fatal',
    "\t",
    "${jndi:ldap://127.0.0.1/a}",
    "%0d%0aInjected: 1",
    "\x80\xff",
    "{{7*7}}",
    "x" * 10_000,
]


def lines_of(instance: Instance, request_id: str) -> list[dict[str, Any]]:
    """Return the lines with a request id, once they are there."""

    def found() -> list[dict[str, Any]]:
        return [line for line in instance.events() if line.get("id") == request_id]

    assert wait_until(lambda: bool(found()), 2), f"{request_id} was not logged"
    return found()


def test_one_line_per_request(main: Instance) -> None:
    main.ask("GET", "/?token=in-the-query", "X-Request-Id: one-line")
    [line] = lines_of(main, "one-line")
    assert {
        "level": "info",
        "method": "GET",
        "path": "/",
        "status": 200,
        "msg": "request",
    }.items() <= line.items()
    assert 0 <= line["ms"] < 1000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert set(line) == {"level", "time", "id", "method", "path", "status", "ms", "msg"}


@pytest.mark.parametrize(
    ("method", "target", "status"), [("GET", "/nothing", 404), ("DELETE", "/", 405), ("POST", "/echo", 415)]
)
def test_refusals_are_logged_alike(main: Instance, method: str, target: str, status: int) -> None:
    name = f"refused-{status}"
    main.ask(method, target, f"X-Request-Id: {name}", body=b"x" if method == "POST" else b"")
    [line] = lines_of(main, name)
    assert (line["method"], line["path"], line["status"], line["level"]) == (method, target, status, "info")


def test_made_ids_are_logged_as_answered(main: Instance) -> None:
    made = main.ask().headers["x-request-id"]
    assert len(lines_of(main, made)) == 1


def test_what_the_parser_refuses_is_logged(main: Instance) -> None:
    [reply] = exchange(main.port, b"nonsense\r\n\r\n")
    [line] = lines_of(main, reply.headers["x-request-id"])
    assert line["status"] == 400


def test_client_that_leaves_is_logged(main: Instance) -> None:
    connection = Connection(main.port)
    whole = message("POST", "/echo", "Content-Type: application/json", "X-Request-Id: left", body=b"{}")
    connection.send(whole[:-1])
    assert not connection.readable(0.1), "an answer before the body was there"
    connection.reset()
    [line] = lines_of(main, "left")
    assert line["status"] in (400, 499)


def test_probes_are_not_logged(main: Instance) -> None:
    for target in ("/livez", "/readyz"):
        main.ask("GET", target, "X-Request-Id: a-probe")
        main.ask("HEAD", target, "X-Request-Id: a-probe")
    main.ask("GET", "/", "X-Request-Id: after-probes")
    lines_of(main, "after-probes")
    assert not [
        line for line in main.events() if line.get("id") == "a-probe" or line.get("path") in ("/livez", "/readyz")
    ]


def test_whatever_clients_send_is_json(main: Instance) -> None:
    for number, value in enumerate(HOSTILE):
        for name in ("X-Request-Id", "User-Agent", "X-Forwarded-For", "Referer"):
            exchange(main.port, message("GET", "/", f"{name}: {value}"))
        exchange(main.port, message("GET", f"/{value}".replace("\t", "%09")))
        main.ask("GET", "/", f"X-Request-Id: h{number}")
        lines_of(main, f"h{number}")  # parses every line
    for injected in (b"a\rb", b"a\nb", b"a\r\n{}", b"a\x00b"):
        exchange(main.port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: " + injected + b"\r\n\r\n")
    events = main.events()
    assert "fatal" not in {line["level"] for line in events}
    longest = max(len(line) for line in main.text(stderr=False).splitlines())
    assert longest < 1000, "no line grows with what a client sends"
    assert main.text(stdout=False) == ""


def test_secrets_are_never_logged(instrumented: Instance) -> None:
    """Neither in an ordinary line nor in those of a refusal or a fault."""
    instrumented.start()
    secrets = (
        "Authorization: Bearer secret-1",
        "Cookie: sid=secret-2",
        "Proxy-Authorization: Basic secret-3",
        "X-Api-Key: secret-4",
    )
    echo(instrumented.port, b'{"message":"secret-5"}', *secrets)
    echo(instrumented.port, b'{"message":"secret-5"', *secrets)
    echo(instrumented.port, b'{"message":"inject-fault"}', *secrets)
    instrumented.ask("GET", "/?password=secret-6", *secrets)
    instrumented.ask("GET", "/nothing?password=secret-6", *secrets)
    exchange(instrumented.port, message("GET", "/", *secrets, "bad header"))
    instrumented.ask("GET", "/", "X-Request-Id: after-secrets")
    lines_of(instrumented, "after-secrets")
    assert "secret-" not in instrumented.text().replace("injected-secret", "").replace("after-secrets", "")


def test_levels(instance: InstanceFactory) -> None:
    silent = instance({"LOG_LEVEL": "silent"})
    assert silent.ask().status == 200
    assert silent.text() == ""
    warning = instance({"LOG_LEVEL": "warn"})
    assert warning.ask().status == 200
    assert warning.text() == ""
