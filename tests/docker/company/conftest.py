"""The surroundings that these tests build in, and how they call make there."""

from __future__ import annotations

import os
from collections.abc import Iterator

import docker
import pytest

from support.company.builds import NETWORK_SETTINGS, PrivateBuild, private_build
from support.company.surroundings import Surroundings, surroundings


@pytest.fixture(scope="session")
def company(client: docker.DockerClient) -> Iterator[Surroundings]:
    """A registry with TLS of its own CA that asks for a token, and a proxy that asks for a login."""
    with surroundings(client) as services:
        # Its proxy looks names up for each connection, and resolvers drop some of many questions at once.
        patience = "echo options timeout:1 attempts:5 >> /etc/resolv.conf"
        assert services.container.exec_run(["sh", "-c", patience], user="root").exit_code == 0
        yield services


@pytest.fixture(scope="session")
def private(
    company: Surroundings, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrivateBuild]:
    """The default answers with every image that make can build."""
    with private_build(company, client, tmp_path_factory.mktemp("private"), "build", "lint", "size", "test") as built:
        yield built


@pytest.fixture(scope="session")
def host() -> dict[str, str]:
    """The machine's own network settings, where a test does not bring others."""
    return {
        key: value for key, value in os.environ.items() if key.upper() in NETWORK_SETTINGS and key.upper() != "MIRROR"
    }
