"""The service as a plain process of this machine: what only a whole start and stop shows."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.baking import BIN, BakedProject, bake, not_on_windows
from support.installed import install, real_node
from support.process import started

NEEDS_SIGNALS = not_on_windows("SIGTERM")


def started_and_stopped(
    project: BakedProject, ask: Callable[[int], None] | None = None, **settings: str
) -> tuple[int, str]:
    """Start the sources, call `ask` with the port, send SIGTERM; return the exit status and what was printed."""
    with started(project, **settings) as process:
        if ask:
            ask(process.port)
        return process.stop(), process.printed


@NEEDS_SIGNALS
def test_plugins_of_fastify_are_closed_at_a_stop(tmp_path: Path) -> None:
    """As fastify's documentation shows: a plugin closes in `onClose` what it has opened."""
    project = install(bake(tmp_path, language="typescript", framework="fastify", node_version="24"))
    source = project.path / "src" / "routes.ts"
    hook = "  app.addHook('onClose', async () => console.log('the plugin has closed'));\n"
    text, count = re.subn(r"^(export async function routes\(.*\{\n)", rf"\1{hook}", source.read_text(), flags=re.M)
    assert count == 1
    source.write_text(text)
    status, printed = started_and_stopped(project)
    assert status == 0, printed
    assert "the plugin has closed" in printed


def test_the_health_check_gives_up(tmp_path: Path) -> None:
    """A service that accepts and never answers is unhealthy; the check does not wait for ever."""
    project = bake(tmp_path, language="typescript", framework="http")
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = {"PATH": str(BIN), "HOST": "127.0.0.1", "PORT": str(server.getsockname()[1])}
        command = [real_node(), "--no-warnings", "src/service/healthcheck.ts"]
        status = subprocess.run(command, cwd=project.path, env=environment, timeout=20, check=False).returncode
    assert status == 1


HALF = """\
    ['/half', { GET: async (_req, res) => {
      res.write('half');
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new Error('later');
    } }],
"""


@NEEDS_SIGNALS
def test_what_clients_and_the_log_see(tmp_path: Path) -> None:
    """Another version is 505, half a response is cut and not ended, and no query is logged."""
    project = bake(tmp_path, language="typescript", framework="http")
    source = project.path / "src" / "routes.ts"
    text = source.read_text()
    assert text.count("    ['/echo',") == 1
    source.write_text(text.replace("    ['/echo',", f"{HALF}    ['/echo',"))
    seen: dict[bytes, bytes] = {}

    def ask(port: int) -> None:
        for request in (b"GET / HTTP/2.0", b"GET /half HTTP/1.1", b"GET /?token=hidden HTTP/1.1"):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(request + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
                client.settimeout(10)
                seen[request] = b"".join(iter(lambda c=client: c.recv(65536), b""))  # type: ignore[misc]

    status, printed = started_and_stopped(project, ask)
    assert status == 0, printed
    assert seen[b"GET / HTTP/2.0"].startswith(b"HTTP/1.1 505 ")
    assert b"half" in seen[b"GET /half HTTP/1.1"]
    assert not seen[b"GET /half HTTP/1.1"].endswith(b"0\r\n\r\n"), "the end of a whole response"
    assert '"request"' in printed
    assert "hidden" not in printed


FORWARDED = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7, ::1", "X-Forwarded-Proto": "ftp, https, http"}
CLIENT_ROUTES = {
    "express": ("  return router;\n", "router.get('/client', (req, res) => res.send(`${req.ip} ${req.protocol}`));"),
    "fastify": ("  app.get('/',", "app.get('/client', (request) => `${request.ip} ${request.protocol}`);"),
    "http": (
        "    ['/echo',",
        "['/client', { GET: (req, res) => res.end(Object.values(clientOf(req, config.trustProxy)).join(' ')) }],",
    ),
}


@NEEDS_SIGNALS
@pytest.mark.parametrize("framework", CLIENT_ROUTES)
def test_one_setting_says_which_proxies_are_trusted(tmp_path: Path, framework: str) -> None:
    """Address and scheme follow it alike in every framework; by default nobody is believed."""
    project = bake(tmp_path, language="typescript", framework=framework, node_version="24")
    if framework != "http":
        install(project)
    source = project.path / "src" / "routes.ts"
    where, route = CLIENT_ROUTES[framework]
    text = source.read_text().replace(where, f"{route}\n{where}", 1)
    assert route in text
    if framework == "http":
        text = f"import {{ clientOf }} from './service/proxies.ts';\n{text}"
    source.write_text(text)
    seen: list[str] = []

    def ask(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/client", headers=FORWARDED)
        seen.append(connection.getresponse().read().decode())
        connection.close()

    for trusted in ({}, {"TRUST_PROXY": "192.0.2.0/24"}, {"TRUST_PROXY": "127.0.0.0/8"}, {"TRUST_PROXY": "loopback"}):
        status, printed = started_and_stopped(project, ask, **trusted)
        assert status == 0, printed
    assert seen == ["127.0.0.1 http", "127.0.0.1 http", "::1 http", "203.0.113.7 https"]


ENDS = {
    "kill": "process.kill(process.pid, 'SIGKILL')",
    "hang": "for (;;);",
    "abort": "process.abort()",
    "out of memory": "const kept = []; for (;;) kept.push(new Array(1e5).fill({}))",
}


LINES = 3000


@NEEDS_SIGNALS
@pytest.mark.parametrize("framework", CLIENT_ROUTES)
def test_no_line_is_lost_before_an_end(tmp_path: Path, framework: str) -> None:
    """Also if the reader is slow, and if something else has made the pipe one that does not block."""
    project = bake(tmp_path, framework=framework)
    if framework != "http":
        install(project)
    for name, end in ENDS.items():
        code = "import { createLogger } from './src/service/logger.js'; const logger = createLogger('info');"
        code += f"console.log('{{}}'); for (let n = 0; n < {LINES}; n += 1) logger.info({{ n }}, 'line'); {end}"
        command = [real_node(), "--max-old-space-size=40", "--input-type=module", "--eval", code]
        with subprocess.Popen(
            command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            time.sleep(0.3)  # the pipe is full, and the writer waits
            limit = threading.Timer(20, process.kill)
            limit.start()
            numbers: list[str] = []
            for line in process.stdout:
                numbers += re.findall(r'"n":(\d+)', line)
                if len(numbers) == LINES:
                    process.kill()  # the end that is a hang
            limit.cancel()
        assert numbers == [str(n) for n in range(LINES)], name
