"""A database that is given, as a managed one is: on the machine's own network, with a certificate of its own CA."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import APIError
from docker.models.containers import Container

from engine import databases
from loopback import free_port
from support.running import wait_until

IMAGE = next(iter(databases.known()))
OWNER = 999  # the image's user postgres
CERTIFICATES = """
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
openssl req -x509 $key -subj '/CN=Private test CA' -keyout ca.key -out ca.pem
openssl req -x509 $key -subj /CN=database -CA ca.pem -CAkey ca.key -keyout tls.key -out tls.pem \
  -addext subjectAltName=IP:ADDRESS -addext basicConstraints=CA:FALSE
"""


@dataclass(frozen=True)
class Given:
    """The running server: what a project's secrets hold, and a way to ask it."""

    container: Container
    url: str
    authority: str

    def ask(self, sql: str) -> str:
        """Run SQL as its superuser; return what psql prints, without frames."""
        command = ["psql", self.url, "--no-align", "--tuples-only", f"--command={sql}"]
        result = self.container.exec_run(command, environment={"PGSSLMODE": "require"})
        assert result.exit_code == 0, result.output
        assert isinstance(result.output, bytes)
        return result.output.decode().strip()


def engines_address(client: docker.DockerClient) -> str:
    """Return the address of this machine that every container reaches."""
    [settings] = client.networks.get("bridge").attrs["IPAM"]["Config"]
    return str(settings["Gateway"])


@contextmanager
def given_database(client: docker.DockerClient, folder: Path) -> Iterator[Given]:
    """Have the server for as long as this lasts; `folder` is for its certificates."""
    address, port = engines_address(client), free_port()
    commands = CERTIFICATES.replace("ADDRESS", address)
    subprocess.run(["sh", "-ec", commands], cwd=folder, check=True, capture_output=True)
    folder.chmod(0o755)
    os.chown(folder / "tls.key", OWNER, OWNER)
    options = {"listen_addresses": address, "port": port, "ssl": "on", "max_connections": "200"}
    options |= {"ssl_cert_file": "/given/tls.pem", "ssl_key_file": "/given/tls.key"}
    container = client.containers.run(
        IMAGE,
        [word for name, value in options.items() for word in ("-c", f"{name}={value}")],
        environment={"POSTGRES_USER": "app", "POSTGRES_PASSWORD": "given"},
        volumes=[f"{folder}:/given:ro"],
        network_mode="host",
        detach=True,
    )
    try:
        ready = ["pg_isready", "--quiet", f"--host={address}", f"--port={port}"]

        def is_ready() -> bool:
            with suppress(APIError):  # it has ended
                return bool(container.exec_run(ready).exit_code == 0)
            return False

        assert wait_until(is_ready, 60), container.logs().decode()
        url = f"postgres://app:given@{address}:{port}/app"
        yield Given(container, url, (folder / "ca.pem").read_text(encoding="utf-8"))
    finally:
        container.remove(force=True, v=True)
