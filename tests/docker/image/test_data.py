"""A place for data: one line of compose.yaml, writable for any user, and nobody else's to remove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from docker.errors import NotFound

from support.combinations import CHOICES
from support.running import Service, leftovers, project_of, wait_until

# One image in each run, the others in the full one.
IMAGES = [
    pytest.param(image, marks=() if image == "minimal" else pytest.mark.full) for image in CHOICES["runtime_image"]
]
WRITE = "fs.mkdirSync('/data/sub', { recursive: true }); fs.writeFileSync('/data/sub/kept', 'kept')"
READ = "process.stdout.write(fs.readFileSync('/data/sub/kept', 'utf8'))"


@pytest.fixture(params=IMAGES)
def service(request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path: Path) -> Iterator[Service]:
    """A project with both `volumes` lines of compose.yaml in force."""
    with project_of(tmp_path, client, runtime_image=request.param) as found:
        compose = found.project.path / "compose.yaml"
        text = compose.read_text(encoding="utf-8")
        assert text.count("    # volumes: [") == 2
        compose.write_text(text.replace("    # volumes: [", "    volumes: ["), encoding="utf-8")
        try:
            yield found
        finally:
            for name in ("data", "dev-data"):
                with suppress(NotFound):
                    client.volumes.get(f"{found.project.slug}_{name}").remove(force=True)


def node(service: Service, code: str, name: str = "", user: str = "") -> str:
    """Run JavaScript in a container of the project; fails the test if it fails."""
    program = "/nodejs/bin/node" if service.project.answers["runtime_image"] == "distroless" and not name else "node"
    container = service.client.containers.get(name or service.project.slug)
    result = container.exec_run([program, "-e", code], user=user)
    assert result.exit_code == 0, result.output
    assert isinstance(result.output, bytes)
    return result.output.decode()


def volumes(service: Service) -> list[str]:
    """Return the volumes that carry the project's name."""
    return [volume.name for volume in service.client.volumes.list() if service.project.slug in volume.name]


def test_data_outlives_the_container_and_is_nobody_elses(service: Service) -> None:
    slug, make = service.project.slug, service.project.make
    service.run()
    node(service, WRITE)
    # OpenShift picks the uid: any user may write beside what another has written.
    node(service, "fs.writeFileSync('/data/other', '')", user="1234567:0")
    assert make("stop").returncode == 0
    service.run()
    assert node(service, READ) == "kept"
    assert make("stop").returncode == 0
    assert volumes(service) == [f"{slug}_data"]
    result = make("clean")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"Your data is kept. To delete it: docker volume rm {slug}_data\n"
    assert leftovers(service.client, slug) == [f"{slug}_data"]


@pytest.mark.full
def test_development_has_its_own(service: Service) -> None:
    """First of all, so that the volume is new; and by its own user."""
    slug = service.project.slug
    assert service.project.make("image-dev").returncode == 0
    volume = [f"{slug}_dev-data:/data"]
    for code in (WRITE, READ):
        service.client.containers.run(f"{slug}:dev", ["node", "-e", code], volumes=volume, remove=True)
    assert volumes(service) == [f"{slug}_dev-data"]
    assert wait_until(lambda: leftovers(service.client, f"{slug}_data") == [], 1)
