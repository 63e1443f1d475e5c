"""The containers of the runtime tests: one service per framework, and copies of it for what changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import docker
import pytest

from running import Service, project_of
from runtime.containers import INJECTED, Copy, copy_of, of
from runtime.frameworks import VARIANTS, label

CopyFactory = Callable[..., Copy]


@pytest.fixture(scope="session", params=VARIANTS, ids=label)
def service(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service of each framework, built and started by `make run`; tests leave it running."""
    with project_of(tmp_path_factory.mktemp("runtime"), client, **request.param) as running:
        running.run()
        yield running


@pytest.fixture(scope="session")
def main(service: Service) -> Copy:
    """The container that `make run` started."""
    return of(service)


@pytest.fixture(scope="session")
def instrumented(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy that dawdles or fails on request (injected.js); tests may stop it, `start()` brings it back."""
    with copy_of(service, tmp_path_factory.mktemp("instrumented"), code=INJECTED) as copy:
        yield copy


@pytest.fixture
def copy(service: Service, tmp_path: Path) -> Iterator[CopyFactory]:
    """Start copies with `copy(environment, option=...)`, see copy_of; they end with the test."""
    with ExitStack() as stack:

        def start(environment: dict[str, str] | None = None, **options: Any) -> Copy:
            manager: AbstractContextManager[Copy] = copy_of(service, tmp_path, environment, **options)
            return stack.enter_context(manager)

        yield start
