"""What really runs, control by control of the CIS Docker Benchmark, and the table that says so."""

from __future__ import annotations

import ipaddress
import os

import docker
import pytest

from loopback import GREETING, free_port
from support.baking import ROOT
from support.running import Service, files_of, wait_until
from support.runtime.containers import Instance
from support.runtime.controls import CONTROLS, YOURS, Control, table
from support.runtime.facts import Facts
from support.runtime.raw import ask

PAGE = ROOT / "docs" / "results" / "hardening.md"
# States of sockets, as the kernel numbers them in /proc/net.
LISTENING, UNCONNECTED = "0A", "07"


def read(instance: Instance, path: str) -> str:
    """Return a file as process 1's user sees it."""
    script = f"process.stdout.write(fs.readFileSync('{path}', 'utf8'))"
    code, output = instance.execute("node", "-e", script)
    assert code == 0, output
    return output


def listeners(text: str, state: str) -> list[tuple[str, int]]:
    """Return address and port of the sockets in a /proc/net table that are in this state."""
    found = []
    for row in text.splitlines()[1:]:
        _, local, _, current = row.split()[:4]
        address, _, port = local.partition(":")
        if current == state:
            packed = bytes.fromhex(address)
            words = [packed[start : start + 4][::-1] for start in range(0, len(packed), 4)]
            found.append((str(ipaddress.ip_address(b"".join(words))), int(port, 16)))
    return found


@pytest.fixture(scope="session")
def facts(service: Service, main: Instance) -> Facts:
    """Everything the controls look at, gathered once per framework."""

    def sockets(protocol: str, state: str) -> list[tuple[str, int]]:
        tables = [read(main, f"/proc/net/{protocol}{version}") for version in ("", "6")]
        return [socket for table in tables for socket in listeners(table, state)]

    assert wait_until(lambda: main.state["Health"]["Status"] == "healthy", 15)
    status = (line.partition(":") for line in read(main, "/proc/1/status").splitlines())
    # A health check may run at the moment: it has a parent outside.
    processes = main.container.top(ps_args="-eo pid,args")["Processes"]
    commands = [row[1] for row in processes if "healthcheck" not in row[1]]
    return Facts(
        container=main.container.attrs,
        image=service.image.attrs,
        history="\n".join(str(layer["CreatedBy"]) for layer in service.image.history()),
        files=files_of(main.client, service.tag),
        status={key: value.strip() for key, _, value in status},
        listeners=sockets("tcp", LISTENING) + sockets("udp", UNCONNECTED),
        processes=commands,
        dockerfile=service.project.read("Dockerfile"),
        makefile=service.project.read("Makefile"),
        port=int(service.project.answers["port"]),
    )


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.number)
def test_control(facts: Facts, control: Control) -> None:
    assert control.holds(facts), f"{control.title}: {control.here}"


def test_something_is_looked_at(facts: Facts) -> None:
    """Empty facts would satisfy many controls."""
    assert len(facts.files) > 40
    assert "app/package.json" in facts.files
    assert facts.listeners
    assert facts.published
    assert "NODE_ENV" in facts.variables


def test_no_writable_path_but_tmp(main: Instance) -> None:
    code, output = main.execute("node", "-e", "fs.writeFileSync('/app/x', '')")
    assert code != 0
    assert "EROFS" in output
    code, output = main.execute("node", "-e", "fs.writeFileSync('/tmp/x', ''); fs.unlinkSync('/tmp/x')")
    assert code == 0, output


def test_arbitrary_user(service: Service, client: docker.DockerClient) -> None:
    """OpenShift picks the uid; nothing in the image depends on it."""
    port = free_port()
    container = client.containers.run(
        service.tag, detach=True, user="1234567:0", read_only=True, cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        ports={f"{service.project.answers['port']}/tcp": ("127.0.0.1", port)},
    )  # fmt: skip
    try:

        def greets() -> bool:
            try:
                return ask(port).body.strip() == GREETING.encode()
            except (OSError, AssertionError):
                return False

        assert wait_until(greets, 10), container.logs()
    finally:
        container.remove(force=True)


def test_page_says_what_is_checked() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(table(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == table()


def test_every_control_of_the_benchmark_is_somebodys() -> None:
    named = {control.number for control in CONTROLS} | {number for number, _, _ in YOURS}
    assert named == {f"4.{n}" for n in range(1, 13)} | {f"5.{n}" for n in range(1, 33)}
