"""Base images from a mirror, pins by digest, push and run by digest: with a real image registry on loopback.

The scanner is among the base images, but only `make scan` needs it.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from loopback import GREETING, free_port
from support.company.builds import NETWORK_SETTINGS, base_images_of, depend_on, make
from support.company.image_registry import image_registry
from support.company.scanner_image import FOLDER, SCANNER, STAND_IN
from support.company.surroundings import IMAGES, Surroundings, loopback, published
from support.data.notes import project_with
from support.development import body_has, make_dev
from support.machines import build_image
from support.plain_lines import plain_lines, run_plain
from support.running import Service, request, wait_until

pytestmark = pytest.mark.full
BASE = "node:26-trixie"
ELSEWHERE = "node:26-elsewhere"
DATABASE = "postgres:18"


@dataclass
class Mirror:
    """The registry's container, and what its users call it."""

    container: Container
    client: docker.DockerClient
    name: str

    @property
    def hub(self) -> str:
        """The folder that holds copies of the base images."""
        return f"{self.name}/hub"

    def offer(self, image: str, base: str = BASE) -> str:
        """Push an image of the engine as a base image; return its digest in the registry."""
        reference = f"{self.hub}/{base}"
        self.client.images.get(image).tag(reference)
        try:
            output = self.client.images.push(reference)
            found = re.search(r"digest: (sha256:[0-9a-f]{64})", str(output))
            assert found is not None, output
            return found[1]
        finally:
            self.client.images.remove(reference)


@pytest.fixture(scope="module")
def mirror(client: docker.DockerClient) -> Iterator[Mirror]:
    """An image registry that holds the base image of the default answers."""
    with image_registry(client, ports=loopback(IMAGES)) as container:
        port = published(container)[IMAGES]
        assert wait_until(lambda: is_answered(port), 20), container.logs().decode()
        mirror = Mirror(container, client, f"127.0.0.1:{port}")
        mirror.offer(BASE)
        yield mirror


def is_answered(port: int) -> bool:
    """Whether the registry on this port answers."""
    try:
        return request(port, "/v2/").status == 200
    except OSError:
        return False


def test_build_takes_base_images_from_the_mirror(mirror: Mirror, project: Service, host: dict[str, str]) -> None:
    before = project.project.read("Dockerfile")
    status, log = make(project.project, "build", f"MIRROR={mirror.hub}", **host)
    assert status == 0, log
    assert f"{mirror.hub}/{BASE}" in log
    assert project.project.read("Dockerfile") == before
    status, log = make(project.project, "build", f"MIRROR={mirror.name}/nothing-here", **host)
    assert status != 0
    assert "not found" in log


def test_dev_builds_behind_ca_token_and_mirror(
    mirror: Mirror, company: Surroundings, project: Service, tmp_path: Path
) -> None:
    """At the start, and again when a dependency comes. The mirror alone has the base image."""
    path = project.project.path
    (path / "Dockerfile").write_text(project.project.read("Dockerfile").replace(BASE, ELSEWHERE))
    mirror.offer(BASE, ELSEWHERE)
    first, second = company.publish(), company.publish()
    depend_on(project.project, first)
    greet = f"import greeting from '{first.name}';\n{project.project.read('src/routes.js')}"
    (path / "src/routes.js").write_text(greet.replace(f"'{GREETING}\\n'", "greeting"))
    settings = {
        **dict.fromkeys(NETWORK_SETTINGS, ""),
        "NODE_EXTRA_CA_CERTS": str(company.bundle(tmp_path / "ca.pem")),
        "NPMRC": str(company.npmrc(tmp_path / "npmrc", company.registry)),
        "MIRROR": mirror.hub,
    }
    with make_dev(project, free_port(), **settings):
        assert wait_until(lambda: body_has(project, first.says), 60)
        depend_on(project.project, second)
        text = project.project.read("src/routes.js").replace(first.name, second.name)
        (path / "src/routes.js").write_text(text)
        assert wait_until(lambda: body_has(project, second.says), 180)


def test_pin_refresh_undo(mirror: Mirror, project: Service, host: dict[str, str]) -> None:
    """Pins through the mirror, in the form that update bots read; builds from the pins; new pins; none."""
    before = project.project.read("Dockerfile")
    digest = mirror.offer(BASE)
    scanner = f"{SCANNER}@{mirror.offer(build_image(STAND_IN, FOLDER), SCANNER)}"
    status, log = make(project.project, "pin", f"MIRROR={mirror.hub}", **host)
    assert status == 0, log
    assert base_images_of(project) == [f"{BASE}@{digest}", scanner]
    status, log = make(project.project, "build", f"MIRROR={mirror.hub}", **host)
    assert status == 0, log
    assert f"{mirror.hub}/{BASE}@{digest}" in log
    status, log = make(project.project, "image-scanner", f"MIRROR={mirror.hub}", **host)
    assert status == 0, log
    assert mirror.client.api.images(f"{project.project.slug}:scanner")
    newer, _ = mirror.client.images.build(fileobj=io.BytesIO(f"FROM {BASE}\nLABEL newer=yes\n".encode()))
    refreshed = mirror.offer(str(newer.id))  # which removes it from the engine again
    assert refreshed != digest
    for _ in range(2):
        assert make(project.project, "pin", f"MIRROR={mirror.hub}", **host)[0] == 0
        assert base_images_of(project) == [f"{BASE}@{refreshed}", scanner]
    assert make(project.project, "pin", "UNDO=1", **host)[0] == 0
    assert project.project.read("Dockerfile") == before
    mirror.offer(BASE)


def test_pin_changes_nothing_when_the_registry_is_unreachable(project: Service, host: dict[str, str]) -> None:
    before = project.project.read("Dockerfile")
    status, log = make(project.project, "pin", "MIRROR=127.0.0.1:9/hub", **host)
    assert status != 0
    assert "connection refused" in log
    assert project.project.read("Dockerfile") == before


def test_push_and_run_by_digest(mirror: Mirror, project: Service, host: dict[str, str]) -> None:
    name = f"{mirror.name}/team/{project.project.slug}"
    status, log = make(project.project, "push", f"IMAGE={name}", **host)
    assert status == 0, log
    found = re.search(r"digest: (sha256:[0-9a-f]{64})", log)
    assert found is not None
    assert make(project.project, "clean", f"IMAGE={name}", **host)[0] == 0
    assert not project.client.api.images(name)
    reference = f"{name}@{found[1]}"
    project.client.images.pull(reference)
    container = project.client.containers.run(
        reference, detach=True, ports={"3000/tcp": ("127.0.0.1", project.port)}, read_only=True, cap_drop=["ALL"]
    )
    try:
        deadline = time.monotonic() + 15
        while container.health != "healthy" and time.monotonic() < deadline:
            time.sleep(0.2)
            container.reload()
        assert project.get("/").body.strip() == GREETING
    finally:
        container.remove(force=True)
        project.client.images.remove(reference, force=True)


def test_plain_lines_that_push_and_pin(mirror: Mirror, project: Service, host: dict[str, str]) -> None:
    """What the generated README's section "Without make" says instead of `make push` and `make pin`."""
    lines = plain_lines(project.project)
    assert make(project.project, "build", "TAG=local", **host)[0] == 0
    name = f"{mirror.name}/team/{project.project.slug}:0.1.0"
    try:
        for line in lines["push"]:
            output = run_plain(project.project, line.replace("registry.example.com", mirror.name))
        assert re.search(r"digest: (sha256:[0-9a-f]{64})", output)
    finally:
        project.client.images.remove(name)
    digest = mirror.offer(BASE)
    (line,) = lines["pin"]
    assert digest in run_plain(project.project, line.replace(BASE, f"{mirror.hub}/{BASE}"))
    dockerfile = project.project.path / "Dockerfile"
    dockerfile.write_text(project.project.read("Dockerfile").replace(f"FROM {BASE} ", f"FROM {BASE}@{digest} "))
    assert base_images_of(project) == [f"{BASE}@{digest}", SCANNER]


@pytest.mark.full
def test_the_database_comes_from_the_mirror(
    client: docker.DockerClient, mirror: Mirror, tmp_path: Path, host: dict[str, str]
) -> None:
    """Built, run and pinned like every other base image."""
    digest = mirror.offer(DATABASE, DATABASE)
    with project_with(tmp_path, client, database="postgres", framework="http") as service:
        options = (f"MIRROR={mirror.hub}", f"PORT={service.port}")
        status, log = make(service.project, "run", *options, **host)
        assert status == 0, log
        assert service.get("/notes").status == 200
        mirror.offer(build_image(STAND_IN, FOLDER), SCANNER)
        assert make(service.project, "pin", *options, **host)[0] == 0
        assert f"FROM {DATABASE}@{digest} AS database\n" in service.project.read("Dockerfile")
        status, log = make(service.project, "run", *options, **host)
        assert status == 0, log
