"""A real browser in a container, beside a service: what its page does and looks like, see browser.mjs."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import docker

from support.baking import ROOT
from support.machines import build_image
from support.running import Service

FOLDER = Path(__file__).parent
IMAGE = "node-multi-stage-test-browser"
VIEWS = ("light", "dark", "phone")


def origin(service: Service) -> str:
    """Return the address of a service in its own network: not `app`, which browsers only ask by HTTPS."""
    return f"http://{service.project.slug}:{service.project.answers['port']}/"


def browse(client: docker.DockerClient, service: Service) -> dict[str, Any]:
    """Open `/` of a running service in each view, and once spoiled; return what browser.mjs says of each.

    With a database, of the notes in it too.
    """
    notes = service.project.answers["database"] != "none"
    return browse_from(client, f"{service.project.slug}_default", origin(service), notes=notes)


def browse_from(client: docker.DockerClient, network: str, url: str, *, notes: bool) -> dict[str, Any]:
    """The same of an address, by a browser in a network."""
    command = [url, *(["notes"] if notes else [])]
    output: bytes = client.containers.run(build_image(IMAGE, FOLDER), command, network=network, init=True, remove=True)
    found: dict[str, Any] = json.loads(output)
    return found


def ask_from(client: docker.DockerClient, network: str, url: str) -> str:
    """Return the status that an address answers in a network, or the code of the error, such as ECONNREFUSED."""
    program = "fetch(process.argv[1]).then((r) => console.log(r.status), (e) => console.log(e.cause.code))"
    output: bytes = client.containers.run(
        build_image(IMAGE, FOLDER), ["-e", program, url], entrypoint="node", network=network, init=True, remove=True
    )
    return output.decode().strip()


def keep_pictures(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """With KEEP_PICTURES=1, write the picture of each view into docs/; return what is given."""
    if os.environ.get("KEEP_PICTURES"):
        for view in VIEWS:
            picture = ROOT / "docs" / "pictures" / f"{name}-{view}.png"
            picture.write_bytes(base64.b64decode(found[view]["picture"]))
    return found
