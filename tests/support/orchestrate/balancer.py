"""HAProxy with a configuration of deploy/haproxy.cfg, before two servers that it finds by the name that Swarm gives."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException
from docker.models.containers import Container
from docker.models.networks import Network

from support.baking import ROOT
from support.company.surroundings import loopback, published
from support.machines import build_image
from support.running import request, unique_slug, wait_until

PORT = 3000
NODE = "node:26-trixie-slim"
# Ready at once. What a request begins is logged: one line each, with method and path.
SERVER = """
const seen = new Set();
const server = require('node:http').createServer((request, response) => {
  const { method, url, headers } = request;
  if (url !== '/readyz') console.log(method, url);
  if (url === '/refuse') {
    response.end();
    server.close();
  } else if (url.startsWith('/slow')) setTimeout(() => response.end('slow'), 4000);
  else if (url.startsWith('/drop')) request.socket.destroy();
  else response.end(JSON.stringify(headers));
});
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: echo\\r\\nConnection: Upgrade\\r\\n\\r\\n');
  socket.pipe(socket);
});
process.on('SIGUSR2', () => server.listening || server.listen(3000));
setInterval(() => {}, 60_000); // a process that neither listens nor has a connection would end
server.listen(3000);
"""


@dataclass(frozen=True)
class Balancer:
    """HAProxy on a port of this machine, the network that it is on, and the servers behind it."""

    port: int
    container: Container
    network: Network
    servers: list[Container]

    def begun(self, line: str, least: int) -> int:
        """How often the servers have begun such a request, such as `GET /slow`; waits for the first lines."""

        def count() -> int:
            return sum(server.logs().decode().splitlines().count(line) for server in self.servers)

        wait_until(lambda: count() >= least, 5)
        return count()


@contextlib.contextmanager
def balancing(client: docker.DockerClient, configuration: str, folder: Path) -> Iterator[Balancer]:
    """Have it for as long as this lasts; the configuration is written into the folder."""
    (folder / "haproxy.cfg").write_text(configuration)
    image = build_image("node-multi-stage-test-haproxy", ROOT / "tests/support/orchestrate/haproxy")
    with contextlib.ExitStack() as stack:
        network = client.networks.create(unique_slug())
        stack.callback(network.remove)
        servers = []
        for _ in range(2):
            server = client.containers.create(NODE, ["node", "-e", SERVER], init=True)
            stack.callback(server.remove, force=True)
            network.connect(server, aliases=["tasks.app"])
            server.start()
            servers.append(server)
        haproxy = client.containers.create(
            image,
            ports=loopback(f"{PORT}/tcp"),
            volumes=[f"{folder}/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"],
            read_only=True,
            cap_drop=["ALL"],
        )
        stack.callback(haproxy.remove, force=True)
        network.connect(haproxy, aliases=["balancer"])
        haproxy.start()
        haproxy.reload()
        port = published(haproxy)[f"{PORT}/tcp"]

        def both_up() -> bool:
            return all(f"app/app{n}" in haproxy.logs().decode() for n in (1, 2)) and is_answering(port)

        assert wait_until(both_up, 30), haproxy.logs().decode()
        time.sleep(2)
        yield Balancer(port, haproxy, network, servers)


def is_answering(port: int) -> bool:
    """Whether the balancer gets 200 for /."""
    with contextlib.suppress(OSError, http.client.HTTPException, DockerException):
        return request(port).status == 200
    return False
