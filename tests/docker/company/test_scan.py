"""`make scan` by a stand-in for Grype, in a company's surroundings: a database behind TLS of a private CA, and a proxy.

The stand-in is a program in Go, as Grype is. So proxies, CAs and the template of the list are handled by the same
libraries. That the real scanner finds what there is to find, no test here can say.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from support.company.builds import environment_with
from support.company.scanner_image import scanner_image
from support.company.surroundings import NAME, Surroundings, archive
from support.groups import end
from support.lockfiles import production_packages
from support.machines import execute
from support.plain_lines import plain_lines, run_plain
from support.running import Service, leftovers, project_of, wait_until

pytestmark = pytest.mark.full
SERVE = """
import http.server, socket, ssl
silent = socket.create_server(("0.0.0.0", 4876))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/services/tls.pem", "/services/tls.key")
server = http.server.ThreadingHTTPServer(("0.0.0.0", 4875), http.server.SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
NODE = {"ID": "CVE-1", "Severity": "High", "Package": "node", "Fixed": ["99.0.0", "98.0.1"]}
EXPRESS = {"ID": "CVE-2", "Severity": "Critical", "Package": "express", "Fixed": ["99.0.0"]}
LIBC = {"ID": "CVE-3", "Severity": "High", "Package": "libc6", "Fixed": ["99"]}
# What nobody can fix, what is not severe, and what the image does not hold.
HARMLESS = [
    {"ID": "CVE-4", "Severity": "Critical", "Package": "libc6", "Fixed": []},
    {"ID": "CVE-5", "Severity": "Medium", "Package": "express", "Fixed": ["99.0.0"]},
    {"ID": "CVE-6", "Severity": "Critical", "Package": "left-pad", "Fixed": ["99.0.0"]},
]


@dataclass
class Database:
    """What the stand-in is told, and where it asks."""

    company: Surroundings

    @property
    def address(self) -> str:
        """Behind TLS of the company's CA."""
        return f"https://{self.company.address}:4875/known.json"

    def holds(self, *entries: dict[str, Any]) -> None:
        """Replace what it holds."""
        self.company.container.put_archive("/services/database", archive({"known.json": json.dumps(entries).encode()}))


@pytest.fixture(scope="module")
def database(company: Surroundings) -> Database:
    """A server beside the company's registry, and one that never says a word, on the next port."""
    execute(company.container, "mkdir -p /services/database")
    company.container.exec_run(["python3", "-c", SERVE], workdir="/services/database", detach=True)
    return Database(company)


@pytest.fixture(scope="module")
def service(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default answers, beside the stand-in."""
    with scanner_image(client), project_of(tmp_path_factory.mktemp("scan"), client) as found:
        yield found


@pytest.fixture
def settings(company: Surroundings, database: Database, tmp_path: Path) -> dict[str, str]:
    """What a user behind this company's network sets."""
    bundle = company.bundle(tmp_path / "ca.pem")
    return {"NODE_EXTRA_CA_CERTS": str(bundle), "GRYPE_DB_UPDATE_URL": database.address}


def scan(service: Service, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make scan`; whatever happens, nothing but the images is left."""
    result = service.project.make_with(environment_with(environment), "--silent", "scan")
    assert leftovers(service.client, f"{service.project.slug}_scan") == []
    return result


def record(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what the stand-in says about what it was given."""
    [line] = re.findall(r"^stand-in: (.*)$", result.stderr, re.MULTILINE)
    found: dict[str, Any] = json.loads(line)
    return found


def test_what_the_scanner_sees(service: Service, database: Database, settings: dict[str, str]) -> None:
    """Every layer of the image, and in it Node, Debian's packages and those of production."""
    database.holds(*HARMLESS)
    result = scan(service, **settings)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1].startswith(f"passed: {service.tag} ")
    seen = record(result)
    assert seen["layers"] == service.image.attrs["RootFS"]["Layers"]
    by_type: dict[str, set[tuple[str, str]]] = {}
    for package in seen["packages"]:
        by_type.setdefault(package["Type"], set()).add((package["Name"], package["Version"]))
    [(_, version)] = by_type["binary"]
    assert version.startswith("26.")
    assert {"libc6", "libstdc++6", "libgcc-s1"} <= {name for name, _ in by_type["deb"]}
    assert production_packages(service.project) <= by_type["npm"]


def test_findings_and_how_one_is_accepted(service: Service, database: Database, settings: dict[str, str]) -> None:
    database.holds(LIBC, *HARMLESS, NODE, EXPRESS)
    result = scan(service, **settings)
    assert result.returncode != 0
    assert [re.sub(r" \d\S* \(", " VERSION (", line) for line in result.stdout.splitlines()] == [
        "Critical CVE-2: express VERSION (npm), fixed in 99.0.0",
        "High CVE-1: node VERSION (binary), fixed in 99.0.0, 98.0.1",
        "High CVE-3: libc6 VERSION (deb), fixed in 99",
    ]
    rules = service.project.path / ".grype.yaml"
    block = service.project.read("README.md").split("```yaml\nignore:\n")[1].split("```")[0]
    rules.write_text("ignore:\n" + "".join(block.replace("CVE-2026-12345", f"CVE-{n}") for n in (1, 2, 3)))
    try:
        accepted = scan(service, **settings)
    finally:
        rules.unlink()
    assert (accepted.returncode, accepted.stdout) == (0, ""), accepted.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"NODE_EXTRA_CA_CERTS": os.environ.get("NODE_EXTRA_CA_CERTS", "")}, "certificate signed by unknown authority"),
        ({"GRYPE_DB_UPDATE_URL": f"https://{NAME}:4875/known.json"}, "no such host"),
        ({"GRYPE_DB_UPDATE_URL": "https://127.0.0.1:9/known.json"}, "connection refused"),
    ],
    ids=["ca", "name", "port"],
)
def test_a_database_out_of_reach(
    service: Service, settings: dict[str, str], change: dict[str, str], words: str
) -> None:
    result = scan(service, **{**settings, **change})
    assert result.returncode != 0
    assert result.stdout == ""
    assert words in result.stderr
    assert "not scanned: " in result.stderr
    assert "GRYPE_DB_UPDATE_URL" in result.stderr


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_through_the_proxy(
    company: Surroundings, service: Service, database: Database, settings: dict[str, str], variable: str
) -> None:
    """The name resolves nowhere else. The build needs no network any more."""
    database.holds()
    target = f"{NAME}:4875"
    before = [seen["target"] for seen in company.proxied()].count(target)
    result = scan(
        service, **{**settings, "GRYPE_DB_UPDATE_URL": f"https://{target}/known.json", variable: company.proxy}
    )
    assert result.returncode == 0, result.stderr
    assert [seen["target"] for seen in company.proxied()].count(target) > before


def test_ctrl_c_leaves_nothing(service: Service, settings: dict[str, str]) -> None:
    """While the scanner waits for a server that does not answer."""
    running = f"{service.project.slug}_scan"
    silent = settings["GRYPE_DB_UPDATE_URL"].replace(":4875", ":4876")
    with subprocess.Popen(
        ["make", "scan"],
        cwd=service.project.path,
        env={**os.environ, **settings, "GRYPE_DB_UPDATE_URL": silent},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert wait_until(lambda: running in str([c.name for c in service.client.containers.list()]), 120)
        finally:
            end(process)
    assert process.returncode != 0
    assert leftovers(service.client, running) == []


def test_the_plain_lines(service: Service, database: Database) -> None:
    """They reach a database that is in reach as it is; where this test's own is, the environment has to say."""
    database.holds()
    # Compose passes no secret: where a private CA is needed, make has to build once.
    assert service.project.make("build").returncode == 0
    reach = f"--env GRYPE_DB_UPDATE_URL={database.address} --env SSL_CERT_FILE=/ca.pem"
    database.company.bundle(service.project.path.parent / "ca.pem")
    output = ""
    try:
        for line in plain_lines(service.project)["scan"]:
            output += run_plain(service.project, line.replace("docker create ", f"docker create {reach} "))
            if line.startswith("docker create "):
                run_plain(service.project, "docker cp ../ca.pem scan:/")
    finally:
        images = [f"{service.project.slug}:{tag}" for tag in ("local", "scanner")]
        for command in (["rm", "--force", "scan"], ["rmi", "--force", *images]):
            subprocess.run(["docker", *command], capture_output=True, check=False)
    assert "No vulnerabilities found" in output
