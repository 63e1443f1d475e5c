"""Projects with Postgres and with SQLite, each built and running once for all tests of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import docker
import pytest

from support.data.notes import project_with
from support.running import Service
from support.runtime.frameworks import VARIANTS, label
from support.runtime.one_by_default import ONE_BY_DEFAULT

Projects = Callable[[str, dict[str, str]], Service]


@pytest.fixture(scope="session")
def projects(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projects]:
    """Return the running service of a database and a framework; tests leave it running and ready."""
    running: dict[str, Service] = {}
    with ExitStack() as stack:

        def project(database: str, variant: dict[str, str]) -> Service:
            name = f"{database}-{label(variant)}"
            if name not in running:
                folder = tmp_path_factory.mktemp(name)
                running[name] = stack.enter_context(project_with(folder, client, database=database, **variant))
                running[name].run()
            return running[name]

        yield project


@pytest.fixture(params=ONE_BY_DEFAULT)
def postgres(request: pytest.FixtureRequest, projects: Projects) -> Service:
    """A service with Postgres."""
    return projects("postgres", request.param)


@pytest.fixture(params=ONE_BY_DEFAULT)
def sqlite(request: pytest.FixtureRequest, projects: Projects) -> Service:
    """A service with SQLite."""
    return projects("sqlite", request.param)


@pytest.fixture(params=["postgres", "sqlite"])
def either(request: pytest.FixtureRequest, projects: Projects) -> Iterator[Service]:
    """A service with the one or the other; migrations that a test adds are taken away."""
    service = projects(request.param, VARIANTS[0])
    folder = service.project.path / "migrations"
    before = set(folder.iterdir())
    yield service
    for added in set(folder.iterdir()) - before:
        added.unlink()
