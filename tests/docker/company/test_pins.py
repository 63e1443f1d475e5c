"""Reproducible layers and pinned base images: the same tree on the same pins gives the same application."""

from __future__ import annotations

import os
import secrets
import subprocess

import docker
import pytest

from support.running import Service, project_of


def layers(service: Service, *options: str) -> list[str]:
    """Build from scratch and return the layers' digests.

    A made-up host changes every RUN step and no content, so no cache has them: unlike --no-cache, this shares
    no step with other builds at the same time, which can crash the BuildKit of Engine 26.
    """
    command = ["docker", "build", "--quiet", "--tag", service.tag, "--no-cache-filter", "runtime", *options]
    command += ["--add-host", f"{secrets.token_hex(8)}:127.0.0.1"]
    if authority := os.environ.get("NODE_EXTRA_CA_CERTS"):
        command += ["--secret", f"id=extra_ca,src={authority}"]
    result = subprocess.run([*command, "."], cwd=service.project.path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return list(service.image.attrs["RootFS"]["Layers"])


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
        # A layer of the test's own: while Engine 26 builds equal ones at once, the order of their files varies.
        content = service.project.read("Dockerfile")
        own = content.replace(" AS runtime\n", " AS runtime\nCOPY package.json /name-of-the-project\n")
        assert own != content
        (service.project.path / "Dockerfile").write_text(own, encoding="utf-8")
        first, second = layers(service), layers(service)
        if answers.get("runtime_image") == "slim":
            # The engine dates the files that this stage deletes from its base with the time of the build.
            base = client.images.get("node:26-trixie-slim").attrs["RootFS"]["Layers"]
            del first[: len(base) + 1], second[: len(base) + 1]
        assert first == second
