"""The default production container from outside: HTTP, health, hardening, and how it stops."""

from __future__ import annotations

import json
import time
from typing import Any

import docker

from loopback import GREETING
from support.running import Service, is_ready, request, wait_until


def test_greeting(default: Service) -> None:
    answer = default.get("/")
    assert answer.status == 200
    assert answer.body.strip() == GREETING
    assert answer.headers["content-type"].startswith("text/plain")


def test_probes(default: Service) -> None:
    assert default.get("/livez").status == 200
    assert default.get("/readyz").status == 200


def test_echo(default: Service) -> None:
    body = json.dumps({"message": "hi"})
    answer = default.get("/echo", "POST", body=body, headers={"content-type": "application/json"})
    assert (answer.status, json.loads(answer.body)) == (200, {"message": "hi"})


def test_health_is_followed_by_the_engine(default: Service) -> None:
    assert default.container.health == "healthy"


def test_an_init_and_node_are_all_that_runs(default: Service) -> None:
    top = default.container.top(ps_args="-eo pid,uid,args")
    assert {row[1] for row in top["Processes"]} == {"1000"}
    init, node = (row[2] for row in top["Processes"])
    assert init.startswith("/sbin/docker-init -- node "), init
    assert node.startswith("node "), node
    assert default.container.attrs["Config"]["Cmd"] == ["node", "--max-old-space-size-percentage=50", "src/server.js"]
    assert default.container.attrs["Path"] == "node"


def test_root_file_system_is_read_only(default: Service) -> None:
    script = "fs.writeFileSync('/app/x','')"
    code, output = default.container.exec_run(["node", "-e", script])
    assert code != 0
    assert b"EROFS" in output
    code, output = default.container.exec_run(["node", "-e", "fs.writeFileSync('/tmp/x',''); fs.unlinkSync('/tmp/x')"])
    assert code == 0, output


def test_hardening_of_what_really_runs(default: Service) -> None:
    attributes = default.container.attrs
    host = attributes["HostConfig"]
    assert attributes["Config"]["User"] == "1000:1000"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Privileged"] is False
    assert host["Memory"] == 1024**3
    assert host["NanoCpus"] == 10**9
    assert host["PidsLimit"] == 512
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 5}
    assert host["NetworkMode"] not in ("host", "default", "bridge")
    bindings = [b for ports in host["PortBindings"].values() for b in ports]
    assert [b["HostIp"] for b in bindings] == ["127.0.0.1"]


def test_logs_are_json_and_probes_are_silent(default: Service) -> None:
    default.get("/livez")
    default.get("/", headers={"x-request-id": "from-the-test"})

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in default.logs()]

    assert wait_until(lambda: any(line.get("id") == "from-the-test" for line in lines()), 5)
    assert not [line for line in lines() if line.get("path") in ("/livez", "/readyz")]


def test_any_user_can_run_it(default: Service, client: docker.DockerClient) -> None:
    container = client.containers.run(
        default.tag, detach=True, user="54321:54321", read_only=True, cap_drop=["ALL"],
        security_opt=["no-new-privileges"], ports={"3000/tcp": ("127.0.0.1", 0)},
    )  # fmt: skip
    try:
        container.reload()
        (published,) = container.ports["3000/tcp"] or []
        port = int(published["HostPort"])
        assert wait_until(lambda: is_ready(port), 10)
        assert request(port, "/").body.strip() == GREETING
    finally:
        container.remove(force=True)


def test_stop_is_quick_and_clean(project: Service) -> None:
    project.run()
    container = project.container
    start = time.monotonic()
    container.stop(timeout=10)
    seconds = time.monotonic() - start
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
    assert seconds < 2, "near ten seconds means that the engine had to kill it"
