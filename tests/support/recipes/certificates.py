"""Certificates for tests of TLS: a CA that nobody else knows, and a server's that it signed."""

from __future__ import annotations

from pathlib import Path

import docker

FILES = ("ca.pem", "tls.pem", "tls.key")


def openssl(name: str) -> str:
    """Return the commands that write FILES for a server of this name, or several with commas, into a shell's folder."""
    names = ",".join(f"DNS:{part}" for part in name.split(","))
    return f"""
set -eu
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
openssl req -x509 $key -subj '/CN=Private test CA' -keyout ca.key -out ca.pem
openssl req -x509 $key -subj '/CN=Test' -CA ca.pem -CAkey ca.key -keyout tls.key -out tls.pem \\
  -addext subjectAltName={names} -addext basicConstraints=CA:FALSE
"""


def write_certificates(client: docker.DockerClient, image: str, name: str, folder: Path) -> None:
    """Write FILES into a folder, made by the openssl of an image; every user may read them."""
    script = f"cd /tmp; {openssl(name)} for file in {' '.join(FILES)}; do cat $file; echo '#'; done"
    output: bytes = client.containers.run(image, ["sh", "-c", script], remove=True)
    folder.mkdir(exist_ok=True)
    for file, text in zip(FILES, output.decode().split("#\n"), strict=False):
        assert "-----BEGIN" in text, output
        (folder / file).write_text(text, encoding="utf-8")
        (folder / file).chmod(0o644)
