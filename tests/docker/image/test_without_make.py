"""Each plain Docker line that the generated README gives for a make target does the target's job."""

from __future__ import annotations

import json
import os
import re
import subprocess

import docker
import pytest

from loopback import GREETING, free_port
from support.groups import end
from support.plain_lines import plain_lines, run_plain, unlike_in_other_shells
from support.running import ANSI, Service, is_ready, project_of, wait_until

# They need an image registry or a scanner, and run where there is one: test_mirror.py and test_scan.py of
# tests/docker/company.
ELSEWHERE = {"push", "pin", "scan"}


def test_every_target_has_its_line(default: Service) -> None:
    lines = plain_lines(default.project)
    assert {*lines, "help"} == {*re.findall(r"^([a-z]+):.*## ", default.project.read("Makefile"), re.MULTILINE)}
    assert all(lines.values())
    assert [line for found in lines.values() for line in found if unlike_in_other_shells(line)] == []


@pytest.mark.full
@pytest.mark.parametrize("manager", ["npm", "pnpm", "yarn"])
def test_lines(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, manager: str) -> None:
    with project_of(tmp_path_factory.mktemp("plain"), client, package_manager=manager) as service:
        # Compose passes no secret: where a private CA is needed, make has to build once.
        assert service.project.make("build", "lint").returncode == 0
        follow_the_section(service, {"APP_PORT": str(service.port), "APP_DEBUG_PORT": str(free_port())})


def follow_the_section(service: Service, ports: dict[str, str]) -> None:
    """Run the section's lines in an order that makes sense, and look at what each has done."""
    project, lines = service.project, plain_lines(service.project)
    done = {"dev", *ELSEWHERE}

    def follow(target: str, stdin: str = "") -> str:
        done.add(target)
        return ANSI.sub("", "".join(run_plain(project, line, stdin, **ports) for line in lines[target]))

    assert "Server" in follow("doctor")
    follow("build")
    follow("run")
    assert service.get("/").body.strip() == GREETING
    assert '"listening"' in follow("logs")
    lines["shell"] = [line.replace(" -it ", " -i ") for line in lines["shell"]]
    assert GREETING in follow("shell", stdin=f"curl --silent http://127.0.0.1:{project.answers['port']}/\n")
    assert re.search(r" local ", follow("size"))
    follow("stop")
    dev(service, lines["dev"][0], ports)
    follow("lint")
    before = project.read("src/routes.js")
    (project.path / "src" / "routes.js").write_text(before.replace("{ message }", "{message}"), encoding="utf-8")
    follow("format")
    assert project.read("src/routes.js") == before
    follow("test")
    lines["add"] = [re.sub(r"PACKAGE=name\b", "PACKAGE=is-number@7.0.0", line) for line in lines["add"]]
    lines["remove"] = [re.sub(r"PACKAGE=name\b", "PACKAGE=is-number", line) for line in lines["remove"]]
    follow("add")
    assert json.loads(project.read("package.json"))["dependencies"]["is-number"] == "7.0.0"
    follow("lock")
    follow("sbom")
    assert "is-number" in {component["name"] for component in json.loads(project.read("sbom.cdx.json"))["components"]}
    follow("remove")
    assert "is-number" not in json.loads(project.read("package.json"))["dependencies"]
    follow("clean")
    assert done == set(lines)
    tags = [tag for image in service.client.api.images() for tag in image["RepoTags"] or []]
    assert not [tag for tag in tags if tag in (f"{project.slug}:local", f"{project.slug}:dev", f"{project.slug}:base")]


def dev(service: Service, line: str, ports: dict[str, str]) -> None:
    """Keep the development line running until the service has answered; then Ctrl-C."""
    command = line.split()
    process = subprocess.Popen(
        command, cwd=service.project.path, env={**os.environ, **ports}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert wait_until(lambda: is_ready(service.port), 120), process.poll()
    finally:
        end(process)
