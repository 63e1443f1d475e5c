"""A real browser in a container, beside a service: what its page does and looks like, see browser.mjs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docker

from support.machines import build_image
from support.running import Service

FOLDER = Path(__file__).parent
IMAGE = "node-multi-stage-test-browser"
VIEWS = ("light", "dark", "phone")


def origin(service: Service) -> str:
    """Return the address of a service in its own network: not `app`, which browsers only ask by HTTPS."""
    return f"http://{service.project.slug}:{service.project.answers['port']}/"


def browse(client: docker.DockerClient, service: Service) -> dict[str, Any]:
    """Open `/` of a running service in each view, and once spoiled; return what browser.mjs says of each."""
    output: bytes = client.containers.run(
        build_image(IMAGE, FOLDER),
        [origin(service)],
        network=f"{service.project.slug}_default",
        init=True,
        remove=True,
    )
    found: dict[str, Any] = json.loads(output)
    return found
