"""Reproducible layers and pinned base images: the same tree on the same pins gives the same application."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import subprocess
import tarfile

import docker
import pytest
from docker.models.images import Image

from support.running import Service, project_of


def build(service: Service, *options: str) -> Image:
    """Build from scratch and return the image.

    A made-up host changes every RUN step and no content, so no cache has them: unlike --no-cache, this shares
    no step with other builds at the same time, which can crash the BuildKit of Engine 26.
    """
    command = ["docker", "build", "--quiet", "--tag", service.tag, "--no-cache-filter", "runtime", *options]
    command += ["--add-host", f"{secrets.token_hex(8)}:127.0.0.1"]
    if authority := os.environ.get("NODE_EXTRA_CA_CERTS"):
        command += ["--secret", f"id=extra_ca,src={authority}"]
    result = subprocess.run([*command, "."], cwd=service.project.path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return service.image


def layers(image: Image) -> list[str]:
    """Return the digests of the layers."""
    return list(image.attrs["RootFS"]["Layers"])


def entries(image: Image) -> list[list[tuple[object, ...]]]:
    """Return what the tar file of each layer holds, in the order of the names."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(image.save()))) as saved:
        manifest = json.loads(contents(saved, saved.getmember("manifest.json")))
        names = [saved.getmember(name) for name in manifest[0]["Layers"]]
        return [entries_of(io.BytesIO(contents(saved, name))) for name in names]


def entries_of(layer: io.BytesIO) -> list[tuple[object, ...]]:
    """Return all that is said of each entry of a tar file, its content as a digest."""
    with tarfile.open(fileobj=layer) as tar:
        found = [
            (member.name, hashlib.sha256(contents(tar, member)).hexdigest(), sorted(member.get_info().items()))
            for member in tar
        ]
    return sorted(found, key=lambda entry: str(entry[0]))


def contents(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    """Return a file's content; nothing for an entry of another kind."""
    file = tar.extractfile(member) if member.isreg() else None
    return file.read() if file else b""


@pytest.mark.parametrize(
    "answers",
    [
        {},
        pytest.param({"package_manager": "pnpm", "runtime_image": "distroless"}, marks=pytest.mark.full),
        pytest.param({"package_manager": "yarn", "runtime_image": "slim"}, marks=pytest.mark.full),
        pytest.param({"language": "typescript", "framework": "fastify"}, marks=pytest.mark.full),
        pytest.param({"framework": "http", "runtime_image": "slim"}, marks=pytest.mark.full),
    ],
    ids=lambda answers: "-".join(answers.values()) or "default",
)
def test_same_tree_gives_the_same_layers(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, answers: dict[str, str]
) -> None:
    with project_of(tmp_path_factory.mktemp("same"), client, **answers) as service:
        first, second = build(service), build(service)
        # The engine dates the files that this stage deletes from its base with the time of the build.
        slim = answers.get("runtime_image") == "slim"
        own = slice(len(layers(client.images.get("node:26-trixie-slim"))) + 1 if slim else 0, None)
        if layers(first)[own] != layers(second)[own]:
            # While Engine 26 builds equal layers side by side, it may write one in order of the whole paths.
            assert entries(first)[own] == entries(second)[own]
