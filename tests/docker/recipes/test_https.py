"""HTTPS: the certificate that files hold, the service behind it as over HTTP, and a stop that loses no request."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest

from loopback import free_port
from support.recipes.certificates import write_certificates
from support.recipes.page import page_of
from support.recipes.secrets import mount_secrets
from support.running import Service

JSON = {"content-type": "application/json"}
PORT = "8443/tcp"
HEADERS_SECONDS = 3  # the limit of a handshake, too
# The head of a record of TLS 1.0 with a handshake of 200 bytes that begins with a ClientHello.
HELLO = bytes([22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3])


@pytest.fixture(scope="module")
def service(recipe: Service, client: docker.DockerClient) -> Service:
    """The service with a certificate, as the page says."""
    folder = recipe.project.path
    write_certificates(client, f"{recipe.project.slug}:test", "localhost", folder / "secrets")
    mount_secrets(recipe, page_of("https"))
    files = "TLS_CERT_FILE=/run/secrets/tls.pem\nTLS_KEY_FILE=/run/secrets/tls.key\n"
    settings = f"APP_TLS_PORT={free_port()}\nLOG_LEVEL=info\nHEADERS_TIMEOUT_MS={1000 * HEADERS_SECONDS}\n"
    (folder / ".env").write_text(files + settings, encoding="utf-8")
    recipe.run()
    return recipe


def connection(service: Service, **trust: str) -> http.client.HTTPSConnection:
    """Return a connection by HTTPS that trusts the test's CA, or what is given."""
    trusted = ssl.create_default_context(cafile=trust.get("cafile", str(service.project.path / "secrets/ca.pem")))
    return http.client.HTTPSConnection("localhost", tls_port(service), timeout=10, context=trusted)


def tls_port(service: Service) -> int:
    """Return the port of the host that leads to the service's HTTPS."""
    return int(service.container.attrs["NetworkSettings"]["Ports"][PORT][0]["HostPort"])


@pytest.fixture
def foreign_key(service: Service, client: docker.DockerClient) -> Iterator[None]:
    """The service is stopped, and beside its certificate lies the key of another one."""
    folder = service.project.path / "secrets"
    before = {file: file.read_bytes() for file in folder.iterdir()}
    write_certificates(client, f"{service.project.slug}:test", "localhost", folder)
    (folder / "tls.pem").write_bytes(before[folder / "tls.pem"])
    # For a file's content alone compose would start nothing anew.
    assert service.project.make("stop").returncode == 0
    yield
    for file, content in before.items():
        file.write_bytes(content)
    assert service.project.make("stop").returncode == 0


@pytest.fixture
def https(service: Service) -> Iterator[http.client.HTTPSConnection]:
    """An open connection."""
    with closing(connection(service)) as opened:
        yield opened


def test_it_serves_what_it_serves_over_http(service: Service, https: http.client.HTTPSConnection) -> None:
    https.request("GET", "/", headers={"x-request-id": "over-tls"})
    answer = https.getresponse()
    assert (answer.status, answer.read().decode()) == (200, service.get("/").body)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert any("over-tls" in line or '"path":"/"' in line for line in service.logs())
    https.request("POST", "/echo", body=json.dumps({"message": "x" * 200_000}), headers=JSON)
    assert https.getresponse().status == 413


def test_whoever_does_not_know_the_ca_gets_no_connection(service: Service) -> None:
    stranger = connection(service, cafile=ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    with closing(stranger), pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/")
    assert service.get("/readyz").status == 200


def ended(connection: socket.socket) -> bool:
    """Whether the service has closed a connection; waits a fifth of a second."""
    connection.settimeout(0.2)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", HELLO], ids=["nothing", "bytes that come slowly"])
def test_a_handshake_has_a_limit(service: Service, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", tls_port(service)), timeout=10) as stuck:
        start, left = time.monotonic(), sent + bytes(150)
        while not ended(stuck) and time.monotonic() - start < 4 * HEADERS_SECONDS:
            if sent:
                stuck.send(left[:1])
                left = left[1:]
        assert HEADERS_SECONDS - 1 < time.monotonic() - start < 3 * HEADERS_SECONDS


@pytest.mark.usefixtures("resumed")
def test_a_request_in_flight_is_answered_at_a_stop(service: Service, https: http.client.HTTPSConnection) -> None:
    """An idle connection does not hold it up."""
    with closing(connection(service)) as idle:
        idle.request("GET", "/")
        idle.getresponse().read()
        body = b'{"message":"hi"}'
        https.putrequest("POST", "/echo")
        for name, value in {**JSON, "content-length": str(len(body))}.items():
            https.putheader(name, value)
        https.endheaders(body[:5])
        # 200 ms after the signal idle connections are closed; the rest comes after that.
        stop = threading.Thread(target=service.container.stop, kwargs={"timeout": 9})
        stop.start()
        threading.Event().wait(1)
        https.send(body[5:])
        answer = https.getresponse()
        assert (answer.status, answer.read(), answer.headers["connection"]) == (200, body, "close")
        stop.join()
    assert service.container.attrs["State"]["ExitCode"] == 0


@pytest.mark.usefixtures("resumed", "foreign_key")
def test_a_key_of_another_certificate_stops_the_start(service: Service) -> None:
    result = service.project.make("run", PORT=str(service.port))
    assert result.returncode != 0
    assert "key values mismatch" in result.stdout + result.stderr
