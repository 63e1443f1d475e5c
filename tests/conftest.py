"""Fixtures that every tier of tests shares."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException
from hypothesis import HealthCheck, settings
from jinja2 import Environment

from support import swarm
from support.baking import ROOT, Bake, BakedProject
from support.collection import COLLECTED

# The same examples on every run and machine; no deadline, because other workers share the cores.
settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("default")

# The make that runs these tests must not pass its flags and level to those under test.
for variable in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(variable, None)

pytest_plugins = ["support.engine_fixtures", "support.literal_baking"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test below tests/docker, so that none can forget that it needs an engine; keep every test's name.

    Options deselect after this: the names are those of all tests in the files that were asked for.
    """
    config.stash[COLLECTED] = {item.nodeid for item in items}
    needs_docker = Path(__file__).parent / "docker"
    for item in items:
        if item.path.is_relative_to(needs_docker):
            item.add_marker("docker")


def pytest_configure() -> None:
    """Compile each template once per process: four fifths of a bake, and the same in every bake.

    Commands that tests start compile on their own, as they do for users.
    """
    compile_template = Environment.compile
    compiled: dict[tuple[object, ...], Any] = {}

    def compile_once(self: Environment, source: Any, *arguments: Any, **options: Any) -> Any:
        blanks = (self.trim_blocks, self.lstrip_blocks, self.keep_trailing_newline)
        key = (source, arguments, tuple(options.items()), blanks)
        if key not in compiled:
            compiled[key] = compile_template(self, source, *arguments, **options)
        return compiled[key]

    Environment.compile = compile_once  # type: ignore[method-assign]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """When all workers have ended, leave the Swarm that a test has joined."""
    if hasattr(session.config, "workerinput"):
        return
    # Without an engine there is no Swarm either.
    with suppress(DockerException):
        stays = swarm.leave(docker.from_env())
        if stays:
            print(stays)


@pytest.fixture
def bake(cookies: Any) -> Bake:
    """Bake with pytest-cookies, which keeps exceptions to itself: here they fail the test."""

    def bake_successfully(**answers: str) -> BakedProject:
        result = cookies.bake(extra_context=answers, template=str(ROOT))
        if result.exception is not None:
            raise result.exception
        assert result.exit_code == 0
        public = {key: value for key, value in result.context.items() if not key.startswith("_")}
        return BakedProject(Path(result.project_path), public)

    return bake_successfully
