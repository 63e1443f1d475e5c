"""Follows the recipe that a module is named after, for every framework with a section; one trial is in `make test`."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import cache

import docker
import pytest

from support.recipes.page import pages
from support.recipes.sockets import Open, mute_client, opener
from support.recipes.stand_in import server_images
from support.recipes.trial import Trial, followed, trials_of
from support.running import Service, wait_until
from support.slices import slice_number


@cache
def sliced() -> Trial:
    """Return the trial that this tree's slice is (the same again: RECIPE=n)."""
    every = [trial for page in pages() for trial in trials_of(page.name)]
    return every[slice_number(len(every), os.environ.get("RECIPE", ""))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test each trial of its recipe, marked as long, and the slice's, unmarked."""
    if "recipe" not in metafunc.fixturenames:
        return
    name = metafunc.module.__name__.rpartition("test_")[2].replace("_", "-")
    params = [pytest.param(trial, id=str(trial), marks=pytest.mark.full) for trial in trials_of(name)]
    if sliced().recipe == name:
        params.append(pytest.param(sliced(), id=f"slice-{sliced()}"))
    metafunc.parametrize("recipe", params, indirect=True, scope="module")


@pytest.fixture(scope="module")
def recipe(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient
) -> Iterator[Service]:
    """A project with the recipe in it that has passed its own `make test`, and that is not running."""
    trial: Trial = request.param
    with (
        server_images(client, trial.page),
        followed(trial, tmp_path_factory.mktemp("recipe"), client) as service,
    ):
        yield service


@pytest.fixture
def resumed(service: Service) -> Iterator[None]:
    """After a test that ends the service or gives it other settings it runs as before: another test may come next."""
    settings = service.project.path / ".env"
    before = settings.read_text(encoding="utf-8") if settings.exists() else ""
    yield
    settings.write_text(before, encoding="utf-8")
    # An engine takes what was paused for unhealthy until the next check, and Compose starts nothing that depends on it.
    project = f"com.docker.compose.project={service.project.slug}"
    find = service.client.containers.list
    assert wait_until(lambda: find(filters={"label": project, "health": "unhealthy"}) == [], 20)
    service.run()


@pytest.fixture
def open_socket(service: Service) -> Iterator[Open]:
    """Open WebSockets of a module's service that answer pings by themselves; they are left at the end of the test."""
    with opener(service) as opened:
        yield opened


@pytest.fixture
def mute(service: Service) -> Iterator[socket.socket]:
    """A WebSocket of a module's service whose client neither reads nor answers."""
    with mute_client(service) as connection:
        yield connection
