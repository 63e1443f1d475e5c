"""The image of the scanner: whatever the engine has is put aside for a stand-in under its name.

The stand-in is told what is vulnerable by a list that the test serves: the real database changes every day.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

import docker

from support.baking import PROJECT, ROOT
from support.stand_in import stand_in

FOLDER = Path(__file__).with_name("scanner")
STAND_IN = f"node-multi-stage-test-{FOLDER.name}"
SCANNER = re.findall(r"^FROM (\S+) AS scanner$", (ROOT / PROJECT / "Dockerfile").read_text(), re.MULTILINE)[0]


def scanner_image(client: docker.DockerClient) -> AbstractContextManager[None]:
    """Have the stand-in under the scanner's name for as long as this lasts."""
    return stand_in(client, SCANNER, FOLDER, in_any_case=True)
