"""Kubernetes objects that recipes show are valid, and admitted where the template's own are; no Docker is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from support.baking import bake
from support.orchestrate.manifests import KUBERNETES, one, render
from support.orchestrate.pod_security import violations
from support.recipes.page import FENCE, page_of

Node = dict[str, Any]


def objects_of(recipe: str) -> list[Node]:
    """Return the Kubernetes objects that a page shows."""
    blocks = [text for language, text in FENCE.findall(page_of(recipe).text) if language == "yaml"]
    return [node for block in blocks for node in yaml.safe_load_all(block) if "apiVersion" in node]


@pytest.fixture(scope="module")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, Node]:
    """The worker's, and that of the service which the template writes."""
    project = bake(tmp_path_factory.mktemp("bake"), orchestrator="kubernetes", language="typescript")
    return one(objects_of("jobs"), "Deployment"), one(render(project), "Deployment")


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_workers_deployment_is_valid(deployments: tuple[Node, Node], version: str) -> None:
    kubernetes_validate.validate(deployments[0], version, strict=True)


def test_the_worker_is_as_hardened_as_the_service(deployments: tuple[Node, Node]) -> None:
    ours, theirs = (node["spec"]["template"]["spec"] for node in deployments)
    assert violations(deployments[0]["spec"]["template"]) == []
    for name in ("securityContext", "shareProcessNamespace", "automountServiceAccountToken", "volumes"):
        assert ours[name] == theirs[name]
    for name in ("securityContext", "image", "volumeMounts", "livenessProbe", "readinessProbe"):
        assert ours["containers"][0][name] == theirs["containers"][0][name]


def test_the_worker_gets_no_requests_of_the_service(deployments: tuple[Node, Node]) -> None:
    """A Service sends them to every pod with its labels."""
    ours, theirs = (node["spec"]["template"]["metadata"]["labels"] for node in deployments)
    assert not theirs.items() <= ours.items()
    assert deployments[0]["spec"]["selector"]["matchLabels"] == ours


def test_the_worker_is_started_as_in_compose_and_as_the_image_starts_the_service(
    deployments: tuple[Node, Node], tmp_path: Path
) -> None:
    command = deployments[0]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert f"+    command: [{', '.join(command)}]\n" in page_of("jobs").diff("http")
    words = ", ".join(f'"{word}"' for word in command).replace("worker.js", "server.js")
    assert f"CMD [{words}]\n" in bake(tmp_path, language="typescript").read("Dockerfile")


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_ingress_with_a_limit_is_valid(version: str) -> None:
    kubernetes_validate.validate(one(objects_of("rate-limit"), "Ingress"), version, strict=True)


def test_the_ingress_leads_to_the_service(tmp_path: Path) -> None:
    service = one(render(bake(tmp_path, orchestrator="kubernetes")), "Service")
    [rule] = one(objects_of("rate-limit"), "Ingress")["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": service["spec"]["ports"][0]["name"]}}
