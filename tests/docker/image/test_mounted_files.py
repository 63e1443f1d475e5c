"""Files that a running service gets from its machine: a private CA, and a secret that only its owner may read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.running import Service

# A TLS server with the private key and a client of it, in one process of the service's container.
CALL = """
const https = require('node:https'), fs = require('node:fs');
const server = https.createServer({ cert: fs.readFileSync('/ca.pem'), key: fs.readFileSync('/key.pem') },
  (request, response) => response.end('hello'));
server.listen(0, async () => {
  const url = `https://localhost:${server.address().port}`;
  const text = await fetch(url).then((r) => r.text(), (error) => error.cause.code);
  console.log(text);
  process.exit();
});
"""


def call(service: Service) -> str:
    """Let the service's container call the server; return the answer or the error."""
    result = service.container.exec_run(["node", "-e", CALL])
    assert isinstance(result.output, bytes)
    return result.output.decode().strip()


@pytest.mark.full
def test_a_private_ca_and_a_secret_of_mode_0600(project: Service, tmp_path: Path) -> None:
    """As the README's rows say: EACCES until the file is the service's user's, no trust until the variable is set."""
    key, authority = tmp_path / "key.pem", tmp_path / "ca.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    request += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(authority)]
    subprocess.run(request, check=True, capture_output=True)
    authority.chmod(0o644)
    key.chmod(0o600)
    os.chown(key, 0, 0)
    compose = project.project.path / "compose.yaml"
    mounts = f'    volumes: ["{authority}:/ca.pem:ro", "{key}:/key.pem:ro"]\n'
    text = compose.read_text(encoding="utf-8")
    compose.write_text(text.replace('    # volumes: ["data:/data"]\n', mounts), encoding="utf-8")
    project.run()
    assert "EACCES" in call(project)
    os.chown(key, 1000, -1)
    assert call(project) in ("DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN")
    (project.project.path / ".env").write_text("NODE_EXTRA_CA_CERTS=/ca.pem\n")
    project.run()
    assert call(project) == "hello"
