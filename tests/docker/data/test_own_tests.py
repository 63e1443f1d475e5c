"""The tests of a project with Postgres, by `make test`: beside a server of their own.

The pairwise cover does the same for a few; the mutants need one by name.
"""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from support.combinations import CHOICES
from support.running import ANSI, project_of


@pytest.mark.full
@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_the_tests_of_a_project_with_postgres(client: docker.DockerClient, tmp_path: Path, framework: str) -> None:
    # With metrics, those of the pool have a test, too.
    answers = {"database": "postgres", "metrics": "prometheus"}
    with project_of(tmp_path, client, framework=framework, **answers) as service:
        result = service.project.make("test")
        assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
        assert "passed: lint, tests" in ANSI.sub("", result.stdout).splitlines()[-1]
