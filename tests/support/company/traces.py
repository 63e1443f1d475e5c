"""Searches everything that a build leaves behind for text that must not be there."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from urllib.parse import quote

# First bytes of what may hide text, and how it is opened.
PACKED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ\x00": lzma.decompress}


def forms(secret: str) -> set[bytes]:
    """Return the ways in which a text may have been written down: plain, quoted, and inside base64."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}
    for shift in range(3):
        # What depends on the bytes before and after is cut off.
        encoded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        found.add(encoded[-(-shift * 8 // 6) : len(encoded) - 2])
    return found


def search(data: bytes, needles: set[bytes], where: str, depth: int = 0) -> Iterator[str]:
    """Yield the place of every needle in the data, in the archives and compressed files within it."""
    if any(needle in data for needle in needles):
        yield where
    for magic, unpack in PACKED.items():
        if data.startswith(magic) and depth < 5:
            try:
                inner = unpack(data)
            except (OSError, EOFError, lzma.LZMAError, zlib.error):
                continue
            yield from search(inner, needles, f"{where} (unpacked)", depth + 1)
    if data[257:262] == b"ustar" and depth < 5:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                names = f"{member.name}\0{member.linkname}\0{member.pax_headers}".encode()
                yield from search(names, needles, f"{where}: name of {member.name}", depth + 1)
                if member.isfile():
                    file = tar.extractfile(member)
                    assert file is not None
                    yield from search(file.read(), needles, f"{where}: {member.name}", depth + 1)


def base_layers() -> set[str]:
    """Return the digests (hexadecimal) of the layers that belong to the official images in this engine."""
    listing = ["docker", "images", "--quiet", "--filter", "reference=node", "--filter", "reference=gcr.io/*/*"]
    identities = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    inspect = ["docker", "image", "inspect", "--format", "{{json .RootFS.Layers}}", *identities]
    lines = subprocess.run(inspect, capture_output=True, text=True, check=True).stdout.splitlines()
    return {layer.partition(":")[2] for line in lines for layer in json.loads(line)}


def image_traces(images: list[str], *secrets: str) -> list[str]:
    """Return where the secrets stand in these images: layers, history, configuration, labels, environment.

    `docker save` writes all of that, layer by layer, so what a later layer deletes is found too. Layers of the
    base images are left out: their digests say that they are as they were before the secrets were made.
    """
    needles = set().union(*map(forms, secrets))
    found: list[str] = []
    base = base_layers()
    with tempfile.TemporaryFile() as file:
        subprocess.run(["docker", "save", *images], stdout=file, check=True)
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            for member in tar:
                if member.isfile() and member.name.rpartition("/")[2] not in base:
                    data = tar.extractfile(member)
                    assert data is not None
                    found += search(data.read(), needles, member.name)
    for command in (["image", "inspect"], ["history", "--no-trunc", "--format", "json"]):
        for image in images:
            result = subprocess.run(["docker", *command, image], capture_output=True, check=True)
            found += search(result.stdout, needles, f"docker {command[0]} {image}")
    return found


def log_traces(log: str, *secrets: str) -> list[str]:
    """Return the lines of a build's output that show one of the secrets."""
    needles = set().union(*map(forms, secrets))
    return [line for line in log.splitlines() if any(needle in line.encode() for needle in needles)]
