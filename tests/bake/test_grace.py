"""The deadlines of a stop nest: the service's own is shorter than every grace period around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support.baking import BakedProject, bake
from support.combinations import CHOICES
from support.grace import seconds, timeout_of
from support.limits import default_of


def graces(project: BakedProject) -> dict[str, float]:
    """Return every grace period that the project's YAML files set, in seconds, by where it stands."""
    found: dict[str, float] = {}
    for name in project.files:
        if not name.endswith((".yaml", ".yml")):
            continue
        for number, document in enumerate(yaml.safe_load_all(project.read(name))):
            collect(document, f"{name}#{number}", found)
    return found


def collect(node: object, where: str, found: dict[str, float]) -> None:
    """Add every grace period below a YAML node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("stop_grace_period", "terminationGracePeriodSeconds"):
                # One in compose.yaml is a variable's default.
                found[f"{where}.{key}"] = seconds(default_of(value) if "${" in str(value) else value)
            collect(value, f"{where}.{key}", found)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            collect(value, f"{where}[{number}]", found)


@pytest.mark.parametrize("orchestrator", CHOICES["orchestrator"])
def test_own_deadline_is_the_shortest(tmp_path: Path, orchestrator: str) -> None:
    project = bake(tmp_path, orchestrator=orchestrator)
    found = graces(project)
    assert "compose.yaml#0.services.app.stop_grace_period" in found
    if orchestrator == "kubernetes":
        outer = [value for where, value in found.items() if "terminationGracePeriodSeconds" in where]
        assert outer
        assert min(outer) > found["compose.yaml#0.services.app.stop_grace_period"]
    for where, grace in found.items():
        assert timeout_of(project) + 1 <= grace, where
    example = re.search(r"^SHUTDOWN_TIMEOUT_MS=(\d+)$", project.read(".env.example"), re.MULTILINE)
    assert example
    assert int(example[1]) / 1000 == timeout_of(project)
