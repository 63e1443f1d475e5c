"""The minimal image holds the libraries of native addons too, not only those of Node."""

from __future__ import annotations

import docker

from running import Service, files_of

# Ships prebuilt code that links libresolv, which Node does not.
ADDON = "sharp@0.34.5"
LIBRARY = "lib/x86_64-linux-gnu/libresolv.so.2"
DRAW = """
const pixel = { create: { width: 8, height: 8, channels: 3, background: 'red' } };
require('sharp')(pixel).png().toBuffer().then((png) => console.log(png.subarray(1, 4).toString()));
"""


def test_addon_runs_in_the_minimal_image(project: Service, default: Service, client: docker.DockerClient) -> None:
    assert LIBRARY not in files_of(client, default.tag), "another addon must prove this: Node links the library itself"
    added = project.project.make("add", PACKAGE=ADDON)
    assert added.returncode == 0, added.stderr
    built = project.project.make("build")
    assert built.returncode == 0, built.stderr
    assert LIBRARY in files_of(client, project.tag)
    assert client.containers.run(project.tag, ["node", "-e", DRAW], remove=True, read_only=True) == b"PNG\n"
