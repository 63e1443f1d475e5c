"""The debugger configuration attaches to `make dev` and stops at a breakpoint, before and after a reload."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
import pytest

from loopback import free_port
from support.development import make_dev
from support.inspector import attached, offers
from support.running import Response, Service, is_ready, project_of, wait_until

LINE = "  return { message };"


def configuration(service: Service) -> dict[str, Any]:
    """Return the one configuration of .vscode/launch.json."""
    text = re.sub(r"(?m)^//.*$", "", service.project.read(".vscode/launch.json"))
    (only,) = json.loads(text)["configurations"]
    return dict(only)


def echo(service: Service, message: str) -> Response:
    """Ask the route that has the breakpoint."""
    headers = {"content-type": "application/json"}
    return service.get("/echo", "POST", body=json.dumps({"message": message}), headers=headers)


def stop_at_the_breakpoint(service: Service, source: str, debug_port: int, message: str) -> None:
    """Set a breakpoint as an editor would from the configuration; ask; look at a variable; go on."""
    config = configuration(service)
    workspace = config["localRoot"].replace("${workspaceFolder}", str(service.project.path))
    path = f"{workspace}/{source}"
    number = service.project.read(source).splitlines().index(LINE)
    with attached(debug_port) as inspector, ThreadPoolExecutor(1) as client:
        url = "file://" + path.replace(workspace, config["remoteRoot"])
        found = inspector.call("Debugger.setBreakpointByUrl", url=url, lineNumber=number)
        assert found["locations"], f"{url} is not loaded"
        answer = client.submit(echo, service, message)
        paused = inspector.wait_for("Debugger.paused")
        assert paused["hitBreakpoints"] == [found["breakpointId"]]
        frame = paused["callFrames"][0]
        assert (frame["functionName"], frame["location"]["lineNumber"]) == ("parseEcho", number)
        value = inspector.call("Debugger.evaluateOnCallFrame", callFrameId=frame["callFrameId"], expression="message")
        assert value["result"]["value"] == message
        assert not answer.done(), "the request waits at the breakpoint"
        inspector.call("Debugger.resume")
        assert json.loads(answer.result(timeout=10).body) == {"message": message}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="default", marks=pytest.mark.full),
        pytest.param({"language": "typescript", "framework": "http"}, id="typescript"),
    ],
)
def test_breakpoint(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, given: dict[str, str]
) -> None:
    with project_of(tmp_path_factory.mktemp("debugger"), client, **given) as service:
        config = configuration(service)
        assert (config["type"], config["request"], config["restart"]) == ("node", "attach", True)
        assert f"${{APP_DEBUG_PORT:-{config['port']}}}:{config['port']}\n" in service.project.read("compose.yaml")
        source = next(path for path in service.project.files if path.startswith("src/routes."))
        debug_port = free_port()
        with make_dev(service, debug_port):
            # An edit in its first three seconds is followed by a rebuild, which ends the process once more.
            time.sleep(6)
            stop_at_the_breakpoint(service, source, debug_port, "first")
            before, file = offers(debug_port), service.project.path / source
            file.write_text(f"// moves every line down\n{service.project.read(source)}", encoding="utf-8")
            assert wait_until(lambda: offers(debug_port) not in ([], before) and is_ready(service.port), 30)
            stop_at_the_breakpoint(service, source, debug_port, "second")
