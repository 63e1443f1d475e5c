"""Images of servers that recipes name: the official one where the engine has it, else a stand-in under its name.

A stand-in is a folder here, named like the image: Debian's package, and what the official entry point does.
"""

from __future__ import annotations

import fcntl
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from support.machines import build_image
from support.recipes.page import pages


@contextmanager
def server_image(client: docker.DockerClient, name: str) -> Iterator[str]:
    """Have the image that pages name, such as redis:8, for as long as this lasts; gives its name with the tag.

    One test process at a time, because all share the name.
    """
    [image] = {found for page in pages() for found in re.findall(rf"image: ({name}:\S+)", page.text)}
    stand_in = f"node-multi-stage-test-{name}"
    with (Path(tempfile.gettempdir()) / f"{stand_in}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stands_in = not client.api.images(image)
        if stands_in:
            client.images.get(build_image(stand_in, Path(__file__).with_name(name))).tag(image)
        try:
            yield image
        finally:
            if stands_in:
                client.images.remove(image)
