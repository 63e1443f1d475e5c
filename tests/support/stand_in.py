"""Stand-ins for images that cannot be had here: built by the tests, under the name of the official one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from engine.locks import exclusive
from support.machines import build_image

PATIENCE = 3600.0  # seconds until another run gives the name back


@contextmanager
def stand_in(client: docker.DockerClient, image: str, folder: Path, *, in_any_case: bool = False) -> Iterator[None]:
    """Have an image under this name for as long as this lasts: the engine's own, else one that is built in a folder.

    `in_any_case` puts the engine's own aside. One test process at a time, because all share the name.
    """
    name = f"node-multi-stage-test-{folder.name}"
    lock = Path(tempfile.gettempdir()) / f"{name}.lock"
    with exclusive(lock, f"another test run that has {image}", PATIENCE):
        official = [found["Id"] for found in client.api.images(image)]
        if official and not in_any_case:
            yield
            return
        client.images.get(build_image(name, folder)).tag(image)
        try:
            yield
        finally:
            # The official one has its name back, which takes it from the stand-in, even if that cannot be removed.
            for found in official:
                client.images.get(found).tag(image)
            if not official:
                client.images.remove(image)
