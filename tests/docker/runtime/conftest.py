"""The containers of the runtime tests: one service per framework, and copies of it for what changes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import docker
import pytest

from support.running import Service, project_of
from support.runtime.containers import INJECTED, Instance, InstanceFactory, another_instance, main_instance
from support.runtime.frameworks import VARIANTS, label


@pytest.fixture(scope="session", params=VARIANTS, ids=label)
def service(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service of each framework, built and started by `make run`; tests leave it running."""
    with project_of(tmp_path_factory.mktemp("runtime"), client, **request.param) as running:
        running.run()
        yield running


@pytest.fixture(scope="session")
def main(service: Service) -> Instance:
    """The container that `make run` started."""
    return main_instance(service)


@pytest.fixture(scope="session")
def instrumented(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A copy that dawdles or fails on request (injected.js); tests may stop it, `start()` brings it back."""
    with another_instance(service, tmp_path_factory.mktemp("instrumented"), code=INJECTED) as instance:
        yield instance


@pytest.fixture
def instance(service: Service, tmp_path: Path) -> Iterator[InstanceFactory]:
    """Start copies with `instance(environment, option=...)`, see another_instance; they end with the test."""
    with ExitStack() as stack:

        def start(environment: dict[str, str] | None = None, **options: Any) -> Instance:
            manager: AbstractContextManager[Instance] = another_instance(service, tmp_path, environment, **options)
            return stack.enter_context(manager)

        yield start
