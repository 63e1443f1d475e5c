"""What a crash and a fault leave behind: one fatal line, exit 1, a restart; a bare 500, logged whole."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from support.running import wait_until
from support.runtime.containers import INJECTED, Instance, InstanceFactory, exits
from support.runtime.frameworks import one_framework
from support.runtime.raw import Connection, echo, message

FAULT = b'{"message":"inject-fault"}'


def events_at(instance: Instance, level: str) -> list[dict[str, Any]]:
    """Return the log lines of a level."""
    return [line for line in instance.events() if line["level"] == level]


@pytest.mark.parametrize(("how", "origin"), [("throw", "uncaughtException"), ("reject", "unhandledRejection")])
def test_crash_leaves_a_fatal_line_and_restarts(instance: InstanceFactory, how: str, origin: str) -> None:
    crashing = instance(code=INJECTED)
    with Connection(crashing.port) as connection:
        start = time.monotonic()
        connection.send(message(target=f"/?inject={how}"))
        while connection.reply():
            connection.send(message())
        assert time.monotonic() - start < 1, "the process goes at once"
    assert wait_until(lambda: crashing.is_answering("/readyz"), 10), crashing.text()
    assert exits(crashing) == [1]
    assert crashing.container.attrs["RestartCount"] == 1
    assert wait_until(lambda: bool(events_at(crashing, "fatal")), 2)
    [fatal] = events_at(crashing, "fatal")
    assert fatal["err"]["message"] == "injected-secret"
    assert "\n    at " in fatal["err"]["stack"]
    assert fatal["origin"] == origin
    assert crashing.text(stdout=False) == "", "one line, on stdout"


@one_framework
def test_crash_at_every_start_is_given_up_after_five_restarts(instance: InstanceFactory) -> None:
    broken = instance(code="throw new Error('at start')", wait=False)
    assert wait_until(lambda: broken.state["Status"] == "exited", 30)
    attributes = broken.container.attrs
    assert attributes["RestartCount"] == 5
    assert attributes["State"]["ExitCode"] == 1


def fault(target: Instance) -> None:
    """Make the handler of a running copy throw; check what the client gets and what the log keeps."""
    reply = echo(target.port, FAULT, "X-Request-Id: find-me")
    assert reply.status == 500
    assert reply.problem == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
    for leak in (b"injected-secret", b"at ", b"/app", b".js", b"node_modules"):
        assert leak not in reply.body
    assert "injected-secret" not in str(reply.fields)

    def logged() -> list[dict[str, Any]]:
        return [line for line in events_at(target, "error") if line.get("id") == "find-me"]

    assert wait_until(lambda: bool(logged()), 2)
    line = logged()[0]
    assert line["err"]["message"] == "injected-secret"
    assert "\n    at " in line["err"]["stack"]
    assert echo(target.port, b'{"message":"hi"}').status == 200, "a fault is not a crash"


def test_fault_in_a_handler_is_a_bare_500(instrumented: Instance) -> None:
    instrumented.start()
    assert "NODE_ENV=production" in instrumented.container.attrs["Config"]["Env"]
    fault(instrumented)


def test_no_node_env_makes_a_fault_talk(instance: InstanceFactory) -> None:
    """Frameworks look at NODE_ENV, and some show stacks unless it is `production`."""
    target = instance({"NODE_ENV": ""}, code=INJECTED)
    fault(target)
    reply = echo(target.port, b'{"message":')
    assert reply.status == 400
    assert set(reply.problem) <= {"type", "title", "status", "detail"}
    assert b"at " not in reply.body.replace(b"that ", b"")
    assert "Unexpected" not in json.dumps(reply.problem)
