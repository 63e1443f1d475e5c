"""Fixtures of the tiers that need Docker: the engine, and the default answers running or only baked."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from support.running import Service, project_of


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    """The engine that `make test` provides; without one the tests fail, they are never skipped."""
    connection = docker.from_env()
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def default(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default answers, built and running."""
    with project_of(tmp_path_factory.mktemp("default"), client) as service:
        service.run()
        yield service


@pytest.fixture
def project(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default answers, baked, for a test that builds and runs them its own way."""
    with project_of(tmp_path_factory.mktemp("project"), client) as service:
        yield service
