"""kustomize and kubectl make of the project's folder just what the tests without Docker read."""

from __future__ import annotations

from typing import Any

import pytest

from support.baking import BakedProject, bake
from support.orchestrate.manifests import OVERLAYS, Node, folder_of, kustomized, render


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
