"""What a team builds of several recipes and metrics, by the index's own commands; another bake serves it HTTPS."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import docker
import pytest

from loopback import free_port
from support.recipes.beside import container_of, in_state
from support.recipes.certificates import write_certificates
from support.recipes.jobs import add_job, job
from support.recipes.page import RECIPES, index_commands, page_of
from support.recipes.secrets import mount_secrets, write_secret
from support.recipes.stand_in import server_images
from support.running import Service, project_of, wait_until

# Two projects, seven calls of `make add`.
pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]

TEAM = ("calling-another-service", "redis", "job-queue", "jobs", "openapi", "cors")
ORIGIN = "https://app.example.com"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KEY = "of nobody's business"
NODE = "node:26-trixie"  # has openssl, and every project is built on it
ROUTE = "    ['/', { GET: greet }],\n"
ITEMS = """\
    ['/items', { GET: (req, res) => send(res, 'application/json', JSON.stringify([req.headers])) }],
"""


def follow(service: Service, framework: str, *recipes: str) -> None:
    """Do what the index says, where the pages come from this repository."""
    folder = service.project.path
    programs = folder.parent / "bin"
    programs.mkdir()
    (programs / "curl").write_text(f'#!/bin/sh\nexec cat "{RECIPES}/${{2##*/}}"\n', encoding="utf-8")
    (programs / "curl").chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    script = f"set -e\n{index_commands(framework, *recipes)}"
    result = subprocess.run(["sh", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def replace(service: Service, path: str, old: str, new: str) -> None:
    """Replace the first of a text in a file of the project; fails if there is none."""
    text = service.project.read(path)
    assert old in text, path
    (service.project.path / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def make(service: Service, target: str) -> None:
    """Run a target that succeeds."""
    result = service.project.make(target)
    assert result.returncode == 0, result.stdout + result.stderr


def configure(service: Service, **settings: object) -> None:
    """Write .env."""
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    (service.project.path / ".env").write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Team:
    """The team's service, and the internal one that it calls; both run."""

    service: Service
    items: Service

    def inside(self, url: str) -> str:
        """Return what a program in the service's container gets from a URL."""
        program = f"process.stdout.write(await (await fetch('{url}')).text())"
        command = ["node", "--input-type=module", "--eval", program]
        result = self.service.container.exec_run(command)
        assert result.exit_code == 0, result.output
        output: bytes = result.output  # type: ignore[assignment]
        return output.decode()


def start_items(items: Service, client: docker.DockerClient) -> None:
    """Have the internal service run, with HTTPS by its recipe."""
    follow(items, "http", "https")
    replace(items, "src/routes.ts", ROUTE, ROUTE + ITEMS)
    write_certificates(client, NODE, "items.internal", items.project.path / "secrets")
    mount_secrets(items, page_of("https"))
    files = {"TLS_CERT_FILE": "/run/secrets/tls.pem", "TLS_KEY_FILE": "/run/secrets/tls.key"}
    configure(items, APP_TLS_PORT=free_port(), **files)
    items.run()


def start_team(service: Service, items: Service, framework: str) -> None:
    """Have the team's service run, with a secret of its own and the CA of the internal one."""
    folder = service.project.path
    follow(service, framework, *TEAM)
    setting = "    ...serviceSettings(read),\n"
    replace(service, "src/config.ts", setting, f"{setting}    apiKey: read.text('API_KEY', ''),\n")
    header = "const headers = { "
    replace(service, "src/upstream.ts", header, f"{header}authorization: `Bearer ${{context.config.apiKey}}`, ")
    make(service, "format")
    make(service, "test")
    (folder / "ca.pem").write_text(items.project.read("secrets/ca.pem"), encoding="utf-8")
    mount_secrets(service, page_of("redis"), "./ca.pem:/ca.pem:ro")
    write_secret(service, "api-key", KEY)
    settings = {"UPSTREAM_URL": "https://items.internal:8443", "NODE_EXTRA_CA_CERTS": "/ca.pem"}
    configure(service, API_KEY_FILE="/run/secrets/api-key", CORS_ORIGINS=ORIGIN, **settings)
    service.run()


@pytest.fixture(scope="module", params=["express", "fastify"])
def team(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """Both services, as a newcomer makes them of the README and the recipes."""
    folder, framework = tmp_path_factory.mktemp("team"), request.param
    answers = {"language": "typescript", "metrics": "prometheus", "framework": framework}
    with ExitStack() as stack:
        stack.enter_context(server_images(client, page_of("redis")))
        items = stack.enter_context(project_of(folder / "items", client, language="typescript", framework="http"))
        service = stack.enter_context(project_of(folder / "team", client, **answers))
        start_items(items, client)
        start_team(service, items, framework)
        network = client.networks.get(f"{service.project.slug}_default")
        network.connect(items.container, aliases=["items.internal"])
        yield Team(service, items)
        network.disconnect(items.container)
        make(service, "stop")
        client.volumes.get(f"{service.project.slug}_redis").remove()


def test_a_call_goes_by_https_with_the_secret_and_the_trace(team: Team) -> None:
    answer = team.service.get("/items", headers={"traceparent": TRACEPARENT})
    assert answer.status == 200, (answer, team.service.logs()[-3:])
    [sent] = json.loads(answer.body)
    assert (sent["traceparent"], sent["authorization"]) == (TRACEPARENT, f"Bearer {KEY}")
    assert KEY not in "".join(team.service.logs())


def test_a_job_is_done_by_the_worker(team: Team) -> None:
    identity = add_job(team.service, "Ada")
    assert wait_until(lambda: job(team.service, identity)["state"] == "completed", 20)
    assert job(team.service, identity)["result"] == "Hello, Ada!"


def test_the_document_and_the_page_are_served(team: Team) -> None:
    assert "/echo" in json.loads(team.service.get("/docs/json").body)["paths"]
    assert team.service.get("/docs/").status == 200


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://example.com", None)])
def test_pages_of_the_front_end_alone_may_ask(team: Team, origin: str, allowed: str | None) -> None:
    preflight = {"origin": origin, "access-control-request-method": "POST"}
    for path in ("/jobs", "/items"):
        assert team.service.get(path, headers={"origin": origin}).headers.get("access-control-allow-origin") == allowed
    answer = team.service.get("/jobs", "OPTIONS", headers=preflight)
    assert answer.headers.get("access-control-allow-origin") == allowed


def test_each_request_is_measured_by_its_route(team: Team) -> None:
    team.service.get("/items")
    found = team.inside("http://localhost:9464/metrics")
    assert 'http_request_duration_seconds_count{method="GET",route="/items",status="200"}' in found


def test_it_is_ready_only_with_redis(team: Team) -> None:
    assert team.service.get("/readyz").status == 200
    with in_state(container_of(team.service, "redis"), "away"):
        assert team.service.get("/readyz").status == 503
    assert wait_until(lambda: team.service.get("/readyz").status == 200, 20)


def test_a_stop_is_in_order(team: Team) -> None:
    worker = container_of(team.service, "worker")
    for container in (team.service.container, worker, team.items.container):
        container.stop(timeout=9)
        container.reload()
        assert container.attrs["State"]["ExitCode"] == 0, container.logs().decode()
    assert [line for line in team.service.logs() if '"level":"error"' in line or '"level":"fatal"' in line] == []
    for service in (team.items, team.service):
        service.run()
