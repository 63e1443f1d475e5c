"""The Kubernetes objects of a generated project, without kustomize: a test proves that it makes the same of them."""

from __future__ import annotations

import subprocess
from pathlib import PurePosixPath
from typing import Any

import yaml
from kubernetes_validate.utils import all_versions

from support.baking import BakedProject

FOLDER = PurePosixPath("deploy/kubernetes")
OVERLAYS = ("dev", "production")
# From the first that has preStop's sleep without a feature gate to the newest that kubernetes-validate knows.
KUBERNETES = tuple(
    version for version in dict.fromkeys(all_versions()) if tuple(map(int, version.split(".")))[:2] >= (1, 30)
)

Node = dict[str, Any]


def folder_of(overlay: str) -> str:
    """Return the folder of an overlay, or of the base."""
    return str(FOLDER / ("base" if overlay == "base" else f"overlays/{overlay}"))


def render(project: BakedProject, overlay: str = "base") -> list[Node]:
    """Return the objects of the base or of an overlay: what its kustomization.yaml includes, then patches."""
    kustomization = yaml.safe_load(project.read(f"{folder_of(overlay)}/kustomization.yaml"))
    assert kustomization.keys() <= {"apiVersion", "kind", "resources", "patches"}, "render() knows no more"
    objects: list[Node] = []
    for name in kustomization["resources"]:
        if name == "../../base":
            objects += render(project)
        else:
            objects += yaml.safe_load_all(project.read(f"{folder_of(overlay)}/{name}"))
    for entry in kustomization.get("patches", []):
        node = one(objects, entry["target"]["kind"])
        for operation in yaml.safe_load(entry["patch"]):
            _append(node, **operation)
    return objects


def _append(node: Any, op: str, path: str, value: Any) -> None:
    """Apply one `add` to the end of a list (RFC 6902); the template's overlays use no other operation."""
    *parents, last = path.strip("/").split("/")
    assert (op, last) == ("add", "-"), "render() knows no more"
    for name in parents:
        node = node[int(name)] if isinstance(node, list) else node[name]
    node.append(value)


def add_lines(node: Any, lines: Any) -> Any:
    """Return a node with lines of the README added to the keys that are there, in place.

    Lines are appended to lists, except to that of the containers: they are about the only one there.
    """
    if isinstance(node, dict):
        for key, value in lines.items():
            if key == "containers":
                add_lines(node[key][0], value[0])
            else:
                node[key] = add_lines(node[key], value) if key in node else value
        return node
    assert isinstance(node, list), f"{node} would be replaced by {lines}"
    return [*node, *lines]


def one(objects: list[Node], kind: str) -> Node:
    """Return the only object of a kind."""
    [found] = [node for node in objects if node["kind"] == kind]
    return found


def pod_template(objects: list[Node]) -> Node:
    """Return the Deployment's pod template."""
    found: Node = one(objects, "Deployment")["spec"]["template"]
    return found


def kustomized(tools: str, project: BakedProject, folder: str, *command: str) -> list[Node]:
    """Return the objects that a kustomize makes of a folder of the project."""
    where = ["--volume", f"{project.path}:/project:ro", "--workdir", "/project", "--network", "none"]
    run = ["docker", "run", "--rm", *where, tools, *(command or ("kustomize", "build")), folder]
    result = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return list(yaml.safe_load_all(result.stdout))
