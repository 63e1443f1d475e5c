"""Images of servers that recipes name: the official one where the engine has it, else a stand-in under its name.

A stand-in is a folder here, named like the image: Debian's package, and what the official entry point does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker

from support.recipes.page import Page
from support.stand_in import stand_in

FOLDER = Path(__file__).parent


@contextmanager
def server_images(client: docker.DockerClient, page: Page) -> Iterator[None]:
    """Have the images that a page and those that it builds on name, such as `image: redis:8`."""
    text = "".join(followed.text for followed in page.chain)
    named = set(re.findall(r"image: (([a-z]+):\S+)$", text, re.MULTILINE))
    with ExitStack() as stack:
        # In one order, so that two processes cannot wait for each other.
        for image, name in sorted(named):
            if (FOLDER / name / "Dockerfile").is_file():
                stack.enter_context(stand_in(client, image, FOLDER / name))
        yield
