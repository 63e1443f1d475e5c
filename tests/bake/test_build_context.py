"""What a build sees of a project: all that an owner adds, and nothing that is a secret or an output."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from docker.utils.build import exclude_paths

from support.baking import bake
from support.combinations import CHOICES
from support.context_canaries import ARRIVE, OUTPUTS, SECRETS, plant


def test_git_leaves_out_what_a_build_does_not_see_of_a_machines_secrets(tmp_path: Path) -> None:
    """The README has secrets in a folder of their own."""
    project = bake(tmp_path)
    assert "`secrets/`, which neither git nor a build sees" in project.read("README.md")
    subprocess.run(["git", "init", "--quiet", str(project.path)], check=True)
    command = ["git", "check-ignore", "secrets/api-key", ".env"]
    ignored = subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=False)
    assert ignored.stdout.split() == ["secrets/api-key", ".env"]


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
@pytest.mark.parametrize("language", CHOICES["language"])
def test_secrets_and_outputs_stay_and_the_rest_arrives(tmp_path: Path, manager: str, language: str) -> None:
    """By the patterns as the Docker SDK reads them; tests/docker/image asks BuildKit itself."""
    project = bake(tmp_path, package_manager=manager, language=language)
    baked = set(project.files)
    plant(project)
    patterns = [line for line in project.read(".dockerignore").splitlines() if line and not line.startswith("#")]
    seen = {str(path).replace("\\", "/") for path in exclude_paths(str(project.path), patterns)}
    assert seen.isdisjoint({*SECRETS, *OUTPUTS}), sorted(seen & {*SECRETS, *OUTPUTS})
    assert seen >= {*ARRIVE}, sorted({*ARRIVE} - seen)
    assert seen >= baked, sorted(baked - seen)
