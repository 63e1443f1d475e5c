"""Fixtures that every tier of tests shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest
from baking import ROOT, BakedProject
from hypothesis import HealthCheck, settings

# The same examples on every run and machine; no deadline, because other workers share the cores.
settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("default")


class Bake(Protocol):
    """Bake answers (the defaults for those not given), hooks included."""

    def __call__(self, **answers: str) -> BakedProject:
        """Return the project; fails the test with cookiecutter's own exception."""


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
