"""Moves the application that a module is about into a new project, once for all of its tests."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from support.moved_in.moved import Moved, moved_in
from support.moved_in.moving import Application


@pytest.fixture(scope="module")
def moved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient
) -> Iterator[Moved]:
    """The project with the module's APPLICATION in it, built by nothing but `make format`."""
    application: Application = request.module.APPLICATION
    with moved_in(application, tmp_path_factory.mktemp(application.name), client) as moved:
        yield moved
