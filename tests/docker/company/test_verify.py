"""A release, built and pushed as the workflow asks for it, and what the README's lines say about its provenance.

One architecture is built, the generator of the bill of materials is a stand-in, and nothing is signed: signatures need
a public service. The README's lines for those are in tests/bake/test_verify.py.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from support.baking import BakedProject, bake
from support.company.containerd_engine import BASE, REGISTRY, containerd_engine, registry_beside
from support.company.surroundings import SERVICES
from support.machines import build_image, execute, load_image
from support.release import build_options, checking_script

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
RELEASE = f"{REGISTRY}/team/app:1.2.3"
# Which image BuildKit takes for `sbom: true`.
GENERATOR = "docker/buildkit-syft-scanner:stable-1"
BILL = "node-multi-stage-test-bill"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def engine(client: docker.DockerClient, project: BakedProject) -> Iterator[Container]:
    """An engine that has built and pushed the release, with the registry that holds it."""
    with containerd_engine(client) as container, registry_beside(client, container):
        load_image(container, "docker", build_image(BILL, SERVICES.with_name("bill")))
        execute(container, f"docker tag {BILL} {GENERATOR}")
        copies = [(str(project.path), "/project")]
        trusted = ""
        if authority := os.environ.get("NODE_EXTRA_CA_CERTS"):
            copies.append((authority, "/ca.pem"))
            trusted = "--secret id=extra_ca,src=/ca.pem"
        for source, target in copies:
            copy = ["docker", "cp", "--follow-link", source, f"{container.id}:{target}"]
            subprocess.run(copy, check=True, capture_output=True)
        given = build_options(project)
        options = {name: str(given[name]).lower() for name in ("provenance", "sbom")} | {"output": given["outputs"]}
        words = " ".join(f"--{name} {shlex.quote(value)}" for name, value in options.items())
        execute(container, f"docker buildx build --tag {RELEASE} {words} {trusted} . 2>&1", "/project")
        yield container


def test_what_the_readmes_lines_show(engine: Container, project: BakedProject) -> None:
    """How it was built, from what, and what is in it."""
    lines = [line for line in checking_script(project, RELEASE).splitlines() if line.startswith(("image=", "docker "))]
    [provenance, bill] = [execute(engine, f"{lines[0]}\n{line}") for line in lines[1:]]
    built = json.loads(provenance)["SLSA"]
    assert BASE in json.dumps(built["materials"]).replace("%3A", ":").replace("@", ":")
    # Mode `max`: the Dockerfile itself is in it.
    assert "llbDefinition" in json.dumps(built)
    names = {package["name"] for package in json.loads(bill)["SPDX"]["packages"]}
    assert {"app", "usr"} <= names


def test_it_is_pulled_and_run(engine: Container) -> None:
    """Layers are compressed with zstd; this engine reads them."""
    index = json.loads(execute(engine, f"docker buildx imagetools inspect {RELEASE} --raw"))
    [digest] = [m["digest"] for m in index["manifests"] if m["platform"]["architecture"] != "unknown"]
    manifest = json.loads(execute(engine, f"docker buildx imagetools inspect {RELEASE}@{digest} --raw"))
    assert {layer["mediaType"] for layer in manifest["layers"]} == {"application/vnd.oci.image.layer.v1.tar+zstd"}
    assert execute(engine, f"docker run --rm --quiet {RELEASE} node --version").startswith("v26.")
