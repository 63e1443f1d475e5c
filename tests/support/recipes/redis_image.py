"""The image of Redis that recipes name: the official one where the engine has it, else a stand-in under its name."""

from __future__ import annotations

import fcntl
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from support.machines import build_image
from support.recipes.page import page_of

STAND_IN = "node-multi-stage-test-redis"


@contextmanager
def redis_image(client: docker.DockerClient) -> Iterator[None]:
    """Have the image for as long as this lasts; one test process at a time, because all share its name."""
    image = re.findall(r"image: (redis:\S+)", page_of("redis").text)[0]
    with (Path(tempfile.gettempdir()) / f"{STAND_IN}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stand_in = not client.api.images(image)
        if stand_in:
            client.images.get(build_image(STAND_IN, Path(__file__).with_name("redis"))).tag(image)
        try:
            yield
        finally:
            if stand_in:
                client.images.remove(image)
