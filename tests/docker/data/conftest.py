"""A project with Postgres, and one with SQLite, each built and running."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from support.data.notes import project_with
from support.running import Service
from support.runtime.frameworks import VARIANTS, label

# One framework in each run, the others in the full one: what differs is how errors are answered.
FRAMEWORKS = [
    pytest.param(variant, id=label(variant), marks=() if number == 0 else pytest.mark.full)
    for number, variant in enumerate(VARIANTS)
]


@pytest.fixture(scope="session", params=FRAMEWORKS)
def postgres(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with Postgres, started by `make run`; tests leave it running and ready."""
    with project_with(tmp_path_factory.mktemp("postgres"), client, database="postgres", **request.param) as service:
        service.run()
        yield service


@pytest.fixture(scope="session", params=FRAMEWORKS)
def sqlite(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with SQLite, started by `make run`; tests leave it running and ready."""
    with project_with(tmp_path_factory.mktemp("sqlite"), client, database="sqlite", **request.param) as service:
        service.run()
        yield service
