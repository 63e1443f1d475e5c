"""`make build PLATFORM=linux/arm64` on a machine of another architecture: it builds, and the image answers."""

from __future__ import annotations

import io
import platform
import struct
import tarfile
from collections.abc import Iterator

import docker
import pytest

from loopback import GREETING
from support.company.arm64 import PLATFORM, REGISTRY, base_image, emulation
from support.company.builds import environment_with
from support.running import Service, is_ready, project_of, request, wait_until

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
# ELF's e_machine, https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
AARCH64 = 183
EMULATED = 1500.0  # seconds for a build, every program of which is emulated
# 0x7f E L F, 12 bytes of identification, e_type, e_machine
HEADER = struct.Struct("<4s12xHH")


@pytest.fixture(scope="module")
def arm64(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, host: dict[str, str]
) -> Iterator[Service]:
    """The default answers, built for arm64."""
    assert platform.machine() != "aarch64", "this machine is arm64 itself: every other test has proved it"
    with emulation(client), project_of(tmp_path_factory.mktemp("arm64"), client) as service:
        base_image(client, service.project.answers["node_version"], tmp_path_factory.mktemp("base"))
        options = (f"PLATFORM={PLATFORM}", f"MIRROR={REGISTRY}")
        result = service.project.make_with(environment_with(host), "build", *options, limit=EMULATED)
        assert result.returncode == 0, result.stderr
        yield service


def elf_machines(service: Service) -> dict[str, int]:
    """Return e_machine of every ELF file in the image, by its path."""
    container = service.client.containers.create(service.tag, platform=PLATFORM)
    try:
        chunks: Iterator[bytes] = container.export()  # type: ignore[assignment]
        data = io.BytesIO(b"".join(chunks))
    finally:
        container.remove()
    found = {}
    with tarfile.open(fileobj=data) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            head = file.read(HEADER.size) if file else b""
            if len(head) == HEADER.size and HEADER.unpack(head)[0] == b"\x7fELF":
                found[member.name] = HEADER.unpack(head)[2]
    return found


def test_every_binary_is_of_that_architecture(arm64: Service) -> None:
    machines = elf_machines(arm64)
    assert arm64.client.images.get(arm64.tag).attrs["Architecture"] == "arm64"
    names = {name.rpartition("/")[2] for name in machines}
    assert {"node", "ld-linux-aarch64.so.1", "libc.so.6", "libstdc++.so.6", "libatomic.so.1"} <= names
    assert set(machines.values()) == {AARCH64}, machines


def test_it_answers_under_emulation(arm64: Service) -> None:
    container = arm64.client.containers.run(
        arm64.tag,
        platform=PLATFORM,
        ports={"3000/tcp": ("127.0.0.1", arm64.port)},
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        detach=True,
    )
    try:
        assert wait_until(lambda: is_ready(arm64.port), 60), container.logs().decode()
        assert request(arm64.port).body.strip() == GREETING
        container.stop()
        assert container.wait()["StatusCode"] == 0, container.logs().decode()
    finally:
        container.remove(force=True)
