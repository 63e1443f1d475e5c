"""kustomize and kubectl make of the project's folder just what the tests without Docker read."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
import yaml

from baking import BakedProject, bake
from orchestrate.manifests import OVERLAYS, Node, folder_of, render


def kustomized(tools: str, project: BakedProject, folder: str, *command: str) -> list[Node]:
    """Return the objects that a kustomize makes of a folder of the project."""
    where = ["--volume", f"{project.path}:/project:ro", "--workdir", "/project", "--network", "none"]
    run = ["docker", "run", "--rm", *where, tools, *(command or ("kustomize", "build")), folder]
    result = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return list(yaml.safe_load_all(result.stdout))


def ordered(objects: list[Node]) -> list[Any]:
    """Return objects in one order."""
    return sorted(objects, key=lambda node: str(node["kind"]))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers for Kubernetes."""
    return bake(tmp_path_factory.mktemp("kustomize"), orchestrator="kubernetes")


@pytest.mark.parametrize("command", ["kustomize build", "kubectl kustomize"])
def test_both_make_the_same(tools: str, project: BakedProject, command: str) -> None:
    for overlay in ("base", *OVERLAYS):
        made = kustomized(tools, project, folder_of(overlay), *command.split())
        assert ordered(made) == ordered(render(project, overlay)), overlay
