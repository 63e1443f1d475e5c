"""A company's surroundings in one container: private npm registry over TLS, login proxy, image registry.

It runs in the engine, so that builds reach it over the bridge; the tests themselves over a loopback port.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import io
import json
import os
import secrets
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from support.machines import build_image

SERVICES = Path(__file__).with_name("services")
IMAGE = "node-multi-stage-test-services"
# The proxy resolves this name, nobody else does.
NAME = "packages.test"
HTTP, PROXY, IMAGES = "4873/tcp", "3128/tcp", "5000/tcp"


def archive(files: dict[str, bytes]) -> bytes:
    """Return a tar file with these names and contents."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def loopback(*ports: str) -> dict[str, Any]:
    """Return what publishes ports of a container on free ones of 127.0.0.1."""
    return dict.fromkeys(ports, ("127.0.0.1", None))


def published(container: Container) -> dict[str, int]:
    """Return a running container's published ports by its own."""
    return {port: int(where[0]["HostPort"]) for port, where in container.ports.items() if where}


@dataclass(frozen=True)
class Package:
    """An npm package that only the company's registry has: its module is the text `says`."""

    name: str
    says: str
    content: bytes
    version: str = "1.0.0"

    @property
    def integrity(self) -> str:
        """The Subresource Integrity value that lockfiles carry."""
        return "sha512-" + base64.b64encode(hashlib.sha512(self.content).digest()).decode()

    def publication(self) -> dict[str, Any]:
        """Return what `npm publish` sends."""
        file = f"{self.name.rpartition('/')[2]}-{self.version}.tgz"
        sha1 = hashlib.sha1(self.content).hexdigest()  # noqa: S324 (npm's own field)
        dist = {
            "integrity": self.integrity,
            "shasum": sha1,
            "tarball": f"http://localhost/{self.name}/-/{file}",
        }
        data = base64.b64encode(self.content).decode()
        attachment = {"content_type": "application/octet-stream", "data": data, "length": len(self.content)}
        manifest = {
            "name": self.name,
            "version": self.version,
            "_id": f"{self.name}@{self.version}",
            "dist": dist,
        }
        return {
            "_id": self.name,
            "name": self.name,
            "dist-tags": {"latest": self.version},
            "versions": {self.version: manifest},
            "_attachments": {file: attachment},
        }


def new_package(scope: str = "@team") -> Package:
    """Make a package whose name and content no cache can know."""
    name, says = f"{scope}/p{secrets.token_hex(6)}", f"private {secrets.token_hex(6)}"
    manifest = {"name": name, "version": Package.version, "main": "index.js", "license": "MIT"}
    files = {
        "package/package.json": json.dumps(manifest),
        "package/index.js": f"module.exports = '{says}';\n",
    }
    plain = archive({path: text.encode() for path, text in files.items()})
    return Package(name, says, gzip.compress(plain, mtime=0))


@dataclass
class Surroundings:
    """The running container: its addresses for builds, its ports for tests, and the secrets it asks for."""

    container: Container
    password: str
    token: str = ""
    authority: str = ""
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The container's address on the bridge."""
        return str(self.container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"])

    @property
    def registry(self) -> str:
        """The npm registry's URL for builds, over TLS."""
        return f"https://{self.address}:4874"

    @property
    def proxy(self) -> str:
        """The proxy's URL for builds, with its login."""
        return f"http://builder:{self.password}@{self.address}:3128"

    def ask(
        self, port: str, path: str, method: str = "GET", body: Any = None, authorization: str = ""
    ) -> tuple[int, Any]:
        """Ask one of the services; return status and decoded JSON (None where there is none)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": authorization}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(data)
        except ValueError:
            return answer.status, None

    def publish(self, scope: str = "@team") -> Package:
        """Publish a new package and return it."""
        package = new_package(scope)
        path = f"/{package.name.replace('/', '%2f')}"
        status, answer = self.ask(HTTP, path, "PUT", package.publication(), f"Bearer {self.token}")
        assert status == 201, answer
        return package

    def proxied(self) -> list[dict[str, Any]]:
        """Return every request that the proxy has seen: method, target, status."""
        status, seen = self.ask(PROXY, "/requests")
        assert status == 200
        return list(seen)

    def npmrc(self, file: Path, registry: str, *, token: str | None = None, scope: str = "") -> Path:
        """Write a user's npm configuration for a registry URL, with the token unless told otherwise."""
        token = self.token if token is None else token
        key = f"{scope}:registry" if scope else "registry"
        lines = [
            f"{key}={registry}/",
            "fetch-retries=1",
            "fetch-retry-mintimeout=500",
            "fetch-retry-maxtimeout=1000",
            "fetch-timeout=60000",
        ]
        if token:
            lines.append(f"//{registry.partition('//')[2]}/:_authToken={token}")
        file.write_text("".join(f"{line}\n" for line in lines))
        return file

    def bundle(self, file: Path, comment: str = "") -> Path:
        """Write a CA file: this registry's CA, and the machine's own, so that other hosts stay trusted."""
        own = os.environ.get("NODE_EXTRA_CA_CERTS", "")
        host = Path(own).read_text(encoding="utf-8") if own and Path(own).is_file() else ""
        file.write_text(f"# {comment}\n{self.authority}{host}", encoding="utf-8")
        return file


def configuration() -> bytes:
    """Return verdaccio's configuration: everything needs a login; the rest comes from the machine's registry."""
    command = ["npm", "config", "get", "registry"]
    upstream = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout.strip()
    rule = {"access": "$authenticated", "publish": "$authenticated"}
    config = {
        "storage": "/services/storage",
        "auth": {"htpasswd": {"file": "/services/htpasswd", "max_users": -1}},
        "uplinks": {"public": {"url": upstream, "timeout": "60s"}},
        "packages": {
            "@team/*": rule,
            "@other/*": rule,
            "@open/*": {**rule, "access": "$all"},
            "**": {**rule, "proxy": "public"},
        },
        "secret": secrets.token_hex(16),
        "https": {"key": "/services/tls.key", "cert": "/services/tls.pem", "ca": "/services/ca.pem"},
        "max_body_size": "10mb",
        "log": {"type": "stdout", "format": "json", "level": "http"},
    }
    return json.dumps(config).encode()


@contextmanager
def surroundings(client: docker.DockerClient) -> Iterator[Surroundings]:
    """Start the container, and remove it at the end."""
    build_image(IMAGE, SERVICES)
    password = secrets.token_hex(16)
    environment = {"PROXY_LOGIN": f"builder:{password}"}
    own = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()  # noqa: S324 (htpasswd)
    # Both registry processes read the users when they start.
    files = {"config.yaml": configuration(), "htpasswd": f"builder:{{SHA}}{digest}\n".encode()}
    if own:
        files["host-ca.pem"] = Path(own).read_bytes()
        environment["NODE_EXTRA_CA_CERTS"] = "/services/host-ca.pem"
    container = client.containers.create(
        IMAGE,
        environment=environment,
        extra_hosts={NAME: "127.0.0.1"},
        ports=loopback(HTTP, PROXY),
    )
    try:
        container.put_archive("/services", archive(files))
        container.start()
        yield ready(Surroundings(container, password))
    finally:
        container.remove(force=True, v=True)


def ready(services: Surroundings) -> Surroundings:
    """Wait until the registry answers, log in for a token; raises AssertionError."""
    deadline = time.monotonic() + 60
    while True:
        services.container.reload()
        assert services.container.status == "running", services.container.logs().decode()
        try:
            services.ports = published(services.container)
            tls = services.container.exec_run(["curl", "-sfk", f"https://{NAME}:4874/-/ping"]).exit_code
            if services.ask(HTTP, "/-/ping")[0] == 200 and tls == 0:
                break
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < deadline, services.container.logs().decode()
        time.sleep(0.2)
    user = {"name": "builder", "password": services.password}
    login = base64.b64encode(f"builder:{services.password}".encode()).decode()
    status, answer = services.ask(HTTP, "/-/user/org.couchdb.user:builder", "PUT", user, f"Basic {login}")
    assert status == 201, answer
    services.token = answer["token"]
    # The registry writes its users to a file; a token counts once both processes have read that back.
    bearer = f"Authorization: Bearer {services.token}"
    whoami = ["curl", "-sk", "-H", bearer, f"https://{NAME}:4874/-/whoami"]
    while "builder" not in str(services.ask(HTTP, "/-/whoami", "GET", None, f"Bearer {services.token}")) or (
        "builder" not in str(services.container.exec_run(whoami).output)
    ):
        assert time.monotonic() < deadline, services.container.logs().decode()
        time.sleep(0.2)
    authority = services.container.exec_run(["cat", "/services/ca.pem"]).output
    services.authority = authority.decode()  # type: ignore[union-attr]
    return services
