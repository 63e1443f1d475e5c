"""Every make target of the default project, twice in a row, from outside."""

from __future__ import annotations

import os
import pty
import re
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import docker
import pytest

from loopback import GREETING, free_port
from support.development import body_has
from support.groups import end
from support.running import ANSI, TARGETS, Service, is_ready, leftovers, project_of, request, wait_until


def succeeds(service: Service, *targets: str, **variables: str) -> str:
    """Run make twice; return the second output. Fails the test unless both succeed."""
    for _ in range(2):
        result = service.project.make(*targets, **{"PORT": str(service.port), **variables})
        assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_help_lists_every_target_and_nothing_else(default: Service) -> None:
    output = default.project.make("help").stdout
    assert sorted(re.findall(r"^  make ([a-z]+) ", output, re.MULTILINE)) == sorted(TARGETS)
    assert default.project.make().stdout == output
    assert max(map(len, output.splitlines())) <= 100
    # One column for the names, one for the descriptions.
    assert len({line.index(line.split(None, 2)[2]) for line in output.splitlines() if line.startswith("  make")}) == 1


def test_phony_list_is_the_help(default: Service) -> None:
    phony = " ".join(re.findall(r"^\.PHONY: (.*)$", default.project.read("Makefile"), re.MULTILINE))
    assert set(phony.split()) == {*TARGETS, "preflight", "named", "one-checkout", "running"}


@pytest.mark.full
def test_run_twice_replaces_the_container_and_keeps_answering(project: Service) -> None:
    output = succeeds(project, "run")
    assert f"http://127.0.0.1:{project.port}" in output
    assert project.get("/").body.strip() == GREETING
    succeeds(project, "logs")
    succeeds(project, "stop")
    assert leftovers(project.client, f"{project.project.slug}:") == [project.tag]
    succeeds(project, "clean")
    assert leftovers(project.client, project.project.slug) == []


def test_logs_follows_on_a_terminal(default: Service) -> None:
    command = ["make", "logs"]
    with (
        new_terminal() as (terminal, theirs),
        subprocess.Popen(command, cwd=default.project.path, stdout=theirs, start_new_session=True) as process,
    ):
        try:
            wait_for_text(terminal, '"listening"')
            default.get("/", headers={"x-request-id": "while-following"})
            wait_for_text(terminal, "while-following")
            assert process.poll() is None
        finally:
            end(process)


@contextmanager
def new_terminal() -> Iterator[tuple[int, int]]:
    """Yield the two ends of a new terminal, the user's and the program's; both are closed at the end."""
    terminal, theirs = pty.openpty()
    try:
        yield terminal, theirs
    finally:
        os.close(theirs)
        os.close(terminal)


def wait_for_text(terminal: int, text: str) -> None:
    """Read a terminal until the text appears; fails the test after ten seconds."""
    seen, deadline = "", time.monotonic() + 10
    while text not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536).decode()


@pytest.mark.full
def test_an_interrupted_test_leaves_nothing(project: Service) -> None:
    """Ctrl-C while the production image is being asked."""
    smoke = f"{project.project.slug}_test"
    command = ["make", "test"]
    with subprocess.Popen(
        command, cwd=project.project.path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert wait_until(lambda: leftovers(project.client, smoke) != [], 240)
        finally:
            end(process)
    assert process.returncode != 0
    assert leftovers(project.client, smoke) == []


def test_dev_says_which_port_is_busy(project: Service) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        result = project.project.make("dev", PORT=str(project.port), DEBUG_PORT=str(busy))
    assert result.returncode != 0
    assert f"Port {busy} is busy. Another one: make dev DEBUG_PORT={busy + 1}" in result.stderr


def test_doctor_approves_of_this_machine(default: Service) -> None:
    output = succeeds(default, "doctor")
    assert "PROBLEM" not in output
    assert f"port {default.port} is served by this project" in output


def test_size_draws_three_bars_and_the_saving(default: Service) -> None:
    output = ANSI.sub("", succeeds(default, "size"))
    rows = re.findall(r"^ +(.+?) +([\d.]+) MB +(\S+)", output, re.MULTILINE)
    assert len(rows) == 3
    sizes = [float(size) for _, size, _ in rows]
    bars = [len(bar) for _, _, bar in rows]
    assert sizes[2] < sizes[0] <= sizes[1]
    assert bars[2] < bars[0] <= bars[1]
    assert sizes[2] * 1e6 == pytest.approx(default.image.attrs["Size"], rel=0.01)
    assert re.search(r"[\d.]+ ?%", output)


def test_lock_changes_nothing_in_a_fresh_project(project: Service) -> None:
    before = project.project.read("package-lock.json")
    succeeds(project, "lock")
    assert project.project.read("package-lock.json") == before


def test_test_fails_when_the_route_is_broken(project: Service) -> None:
    routes = project.project.path / "src" / "routes.js"
    routes.write_text(routes.read_text().replace("Multi-Stage", "Broken"))
    result = project.project.make("test")
    assert result.returncode != 0
    assert "failed: test" in result.stderr


def test_shell_sees_the_running_service(default: Service) -> None:
    result = subprocess.run(
        ["make", "shell"], cwd=default.project.path, text=True, capture_output=True, check=True,
        input="tr '\\0' ' ' < /proc/1/cmdline; curl --silent http://127.0.0.1:3000/; ls /proc/1/root/app\n",
    )  # fmt: skip
    assert "-- node --max-old-space-size-percentage=50 src/server.js" in result.stdout
    assert GREETING in result.stdout
    assert "node_modules" in result.stdout


@pytest.mark.full
def test_dev_reloads_on_edit_and_opens_the_inspector(project: Service) -> None:
    inspector = free_port()
    environment = project.project.path / "dev.env"
    environment.write_text("LOG_LEVEL=silent\nPORT=9\n")
    variables = [f"PORT={project.port}", f"DEBUG_PORT={inspector}", f"ENV_FILE={environment}"]
    make = subprocess.Popen(
        ["make", "dev", *variables], cwd=project.project.path, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert wait_until(lambda: is_ready(project.port), 120), make.poll()
        assert "Protocol-Version" in request(inspector, "/json/version").body
        routes = project.project.path / "src" / "routes.js"
        for number in range(3):
            # As most editors save: a new file takes the place of the old one.
            saved = routes.with_suffix(".saved")
            saved.write_text(re.sub("Multi-Stage|Reload [0-9]", f"Reload {number}", routes.read_text()))
            saved.replace(routes)
            assert wait_until(partial(body_has, project, f"Reload {number}"), 15), number
    finally:
        output, _ = end(make)
    assert project.project.make("clean").returncode == 0
    assert f"http://127.0.0.1:{project.port} follows your edits" in output
    assert '"listening"' not in output, "the level comes from ENV_FILE"
    assert "\x1b" not in output


def test_push_and_pin_say_what_they_need(default: Service) -> None:
    push = default.project.make("push")
    assert push.returncode != 0
    assert "make push IMAGE=" in push.stderr
    add = default.project.make("add")
    assert add.returncode != 0
    assert "make add PACKAGE=name" in add.stderr
    option = default.project.make("add", PACKAGE="-D vitest")
    assert option.returncode != 0
    assert "DEV=1" in option.stderr


@pytest.mark.full
def test_rebuild_after_an_edit_installs_nothing(project: Service) -> None:
    assert project.project.make("build").returncode == 0
    edited = project.project.path / "src" / "routes.js"
    edited.write_text(edited.read_text() + "// an edit\n")
    result = project.project.make("build")
    assert result.returncode == 0
    log = result.stdout + result.stderr
    # `manifests` looks at every edit, and what it leaves is the same.
    steps = re.findall(r"^#(\d+) \[(?!manifests ).*\] RUN ", log, re.MULTILINE)
    assert len(steps) > 2
    assert [n for n in steps if not re.search(rf"^#{n} CACHED$", log, re.MULTILINE)] == [], log


@pytest.mark.full
def test_paths_with_spaces_and_accents(client: docker.DockerClient, tmp_path: Path) -> None:
    with project_of(tmp_path / "a folder é", client) as service:
        service.run()
        assert service.get("/").body.strip() == GREETING
        for target in ("lint", "format", "lock"):
            result = service.project.make(target)
            assert result.returncode == 0, result.stderr
