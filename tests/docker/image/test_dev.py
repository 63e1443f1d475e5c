"""`make dev` follows whatever its owner changes, wherever the engine runs, and leaves nothing behind."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable
from contextlib import closing
from functools import partial
from http.client import HTTPException

import pytest

from loopback import free_port
from support.development import body_has, make_dev
from support.running import Service, leftovers, request, wait_until

STREAM = """
  router.get('/stream', (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: open\\n\\n');
  });
"""
EVERYTHING = """
  router.get('/seen', async (_req, res) => {
    const { readFile } = await import('node:fs/promises');
    const view = await readFile('views/page.html', 'utf8').catch((error) => error.code);
    const added = await import('is-number').then(() => 'loads', (error) => error.code);
    res.json({ view, added, color: process.env.COLOR, options: process.env.NODE_OPTIONS });
  });
"""


def edit(service: Service, change: Callable[[str], str]) -> None:
    """Change the routes as most editors save: a new file takes the place of the old one."""
    routes = service.project.path / "src" / "routes.js"
    saved = routes.with_suffix(".saved")
    saved.write_text(change(routes.read_text(encoding="utf-8")), encoding="utf-8")
    saved.replace(routes)


def add_routes(service: Service, text: str) -> None:
    """Add routes to the express router."""
    edit(service, lambda routes: routes.replace("  return router;", f"{text}\n  return router;"))


def seen(service: Service, **expected: str) -> bool:
    """Whether GET /seen answers so within a while."""

    def is_seen() -> bool:
        try:
            return {*expected.items()} <= {*json.loads(request(service.port, "/seen").body).items()}
        except (OSError, HTTPException, ValueError):  # between two processes no port is open
            return False

    return wait_until(is_seen, 180)


def test_it_sees_the_whole_project_and_every_change(project: Service) -> None:
    path = project.project.path
    (path / ".env").write_text("COLOR=red\nNODE_OPTIONS=--no-deprecation\n", encoding="utf-8")
    add_routes(project, EVERYTHING)
    inspector = free_port()
    with make_dev(project, inspector):
        assert seen(project, view="ENOENT", added="ERR_MODULE_NOT_FOUND", color="red", options="--no-deprecation")
        (path / "views").mkdir()
        (path / "views" / "page.html").write_text("a page", encoding="utf-8")
        assert seen(project, view="a page")
        added = project.project.make("add", PACKAGE="is-number@7.0.0")
        assert added.returncode == 0, added.stderr
        assert seen(project, view="a page", added="loads"), "the new image, with the files of now"
        (path / ".env").write_text("COLOR=blue\n", encoding="utf-8")
        assert seen(project, color="blue")
        (path / "views" / "page.html").unlink()
        assert seen(project, view="ENOENT")
        container = project.client.containers.get(f"{project.project.slug}_dev")
        bindings = {b["HostIp"] for ports in container.ports.values() for b in ports or []}
        assert bindings == {"127.0.0.1"}
        assert not container.attrs["Mounts"], "nothing of the machine is mounted"
    assert [name for name in leftovers(project.client, project.project.slug) if ":" not in name] == []


@pytest.mark.full
def test_a_reload_waits_for_no_open_stream(project: Service) -> None:
    """A service that drained before it ended would wait ten minutes for the stream."""
    (project.project.path / ".env").write_text("SHUTDOWN_TIMEOUT_MS=600000\n", encoding="utf-8")
    add_routes(project, STREAM)
    with make_dev(project, free_port()):
        for number in range(2):
            with closing(socket.create_connection(("127.0.0.1", project.port))) as client:
                client.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert b"200 OK" in client.recv(1000)
                text = f"Reload {number}"
                edit(project, partial(re.sub, "Multi-Stage|Reload [0-9]", text))
                assert wait_until(partial(body_has, project, text), 60)


@pytest.mark.full
def test_it_follows_where_the_engine_sees_no_project(project: Service) -> None:
    """In a private mount namespace, as a CI job that shares the engine's socket."""
    inside = "/srv/project"
    script = f"""
        mount -t tmpfs tmpfs /srv
        cp --archive {project.project.path} {inside}
        cd {inside}
        setsid make dev PORT={project.port} DEBUG_PORT={free_port()} &
        until curl --silent --fail http://127.0.0.1:{project.port}/; do sleep 0.5; done
        sleep 1
        sed -i s/Multi-Stage/Elsewhere/ src/routes.js
        for _ in $(seq 100); do
          curl --silent http://127.0.0.1:{project.port}/ | grep --quiet Elsewhere && break
          sleep 0.2
        done
        curl --silent http://127.0.0.1:{project.port}/
        kill -TERM -- -$!
        wait
    """
    result = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script], capture_output=True, text=True, check=False, cwd="/", timeout=300
    )
    assert "Elsewhere" in result.stdout, result.stdout + result.stderr
    assert [name for name in leftovers(project.client, project.project.slug) if ":" not in name] == []
