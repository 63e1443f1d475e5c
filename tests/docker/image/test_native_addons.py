"""The minimal image holds the libraries of native addons too; what an image lacks stops its build."""

from __future__ import annotations

import re
from pathlib import Path

import docker
import pytest

from support.planted import plant_lacking_addon, write
from support.running import Service, files_of, project_of

# Ships prebuilt code that links libresolv, which Node does not.
ADDON = "sharp@0.34.5"
COMPILER = "node:26-trixie"
LIBRARY = "lib/x86_64-linux-gnu/libresolv.so.2"
DRAW = """
const pixel = { create: { width: 8, height: 8, channels: 3, background: 'red' } };
require('sharp')(pixel).png().toBuffer().then((png) => console.log(png.subarray(1, 4).toString()));
"""
ADVICE = {
    "minimal": "Install its Debian package in the stage base of the Dockerfile.",
    "slim": "Install its Debian package in the stage slim of the Dockerfile.",
    "distroless": "Distroless cannot install it: answer runtime_image with minimal or slim.",
}


def test_addon_runs_in_the_minimal_image(project: Service, default: Service, client: docker.DockerClient) -> None:
    assert LIBRARY not in files_of(client, default.tag), "another addon must prove this: Node links the library itself"
    added = project.project.make("add", PACKAGE=ADDON)
    assert added.returncode == 0, added.stderr
    built = project.project.make("build")
    assert built.returncode == 0, built.stderr
    assert LIBRARY in files_of(client, project.tag)
    assert client.containers.run(project.tag, ["node", "-e", DRAW], remove=True, read_only=True) == b"PNG\n"


@pytest.mark.full
def test_an_addon_finds_its_library_in_another_package_of_pnpm(client: docker.DockerClient, tmp_path: Path) -> None:
    """By a link, because pnpm keeps the two in folders of their own."""
    with project_of(tmp_path, client, framework="http", package_manager="pnpm") as service:
        added = service.project.make("add", PACKAGE=ADDON)
        assert added.returncode == 0, added.stderr
        allowed = service.project.read("pnpm-workspace.yaml") + "allowBuilds:\n  sharp: false\n"
        write(service.project, "pnpm-workspace.yaml", allowed)
        built = service.project.make("build")
        assert built.returncode == 0, built.stderr
        assert client.containers.run(service.tag, ["node", "-e", DRAW], remove=True, read_only=True) == b"PNG\n"


@pytest.mark.parametrize(
    "runtime",
    ["minimal", pytest.param("slim", marks=pytest.mark.full), pytest.param("distroless", marks=pytest.mark.full)],
)
def test_a_library_that_is_not_there_stops_the_build(client: docker.DockerClient, tmp_path: Path, runtime: str) -> None:
    with project_of(tmp_path, client, framework="http", runtime_image=runtime) as service:
        plant_lacking_addon(service.project, client, COMPILER)
        locked = service.project.make("lock")
        assert locked.returncode == 0, locked.stderr
        result = service.project.make("build")
        assert result.returncode != 0
        named = set(re.findall(r"==> (.*)", result.stderr))
        way_out = 'ARG OMIT="local/addon/addon.node"'
        assert named == {
            f"local/addon/addon.node needs libnowhere.so, which is not there. {ADVICE[runtime]} "
            f"If nothing loads the file: {way_out} in the stage prod-deps."
        }, result.stderr
        dockerfile = service.project.read("Dockerfile")
        assert dockerfile.count('ARG OMIT=""') == 1
        write(service.project, "Dockerfile", dockerfile.replace('ARG OMIT=""', way_out))
        built = service.project.make("build")
        assert built.returncode == 0, built.stderr
        files = files_of(client, service.tag)
        assert "app/local/addon/package.json" in files
        assert "app/local/addon/addon.node" not in files
