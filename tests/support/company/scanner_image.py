"""The image of the scanner: the official one where the engine has it is put aside for a stand-in under its name.

The stand-in is told what is vulnerable by a list that the test serves: the real database changes every day.
"""

from __future__ import annotations

import fcntl
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from support.baking import PROJECT, ROOT
from support.machines import build_image

STAND_IN = "node-multi-stage-test-scanner"
FOLDER = Path(__file__).with_name("scanner")
SCANNER = re.findall(r"^FROM (\S+) AS scanner$", (ROOT / PROJECT / "Dockerfile").read_text(), re.MULTILINE)[0]


@contextmanager
def scanner_image(client: docker.DockerClient) -> Iterator[str]:
    """Have the stand-in under the scanner's name for as long as this lasts; yield that name.

    One test process at a time, because all share the name.
    """
    with (Path(tempfile.gettempdir()) / f"{STAND_IN}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        official = [image["Id"] for image in client.api.images(SCANNER)]
        client.images.get(build_image(STAND_IN, FOLDER)).tag(SCANNER)
        try:
            yield SCANNER
        finally:
            client.images.remove(SCANNER)
            for image in official:
                client.images.get(image).tag(SCANNER)
