"""The deadlines of a stop nest: the service's own is shorter than every grace period around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from baking import BakedProject, bake
from combinations import CHOICES


def seconds(duration: str | int) -> float:
    """Return a duration of a compose file (`10s`, `1m30s`) or a number of seconds."""
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", str(duration))
    if isinstance(duration, int) or found is None:
        return float(duration)
    return 60 * int(found[1] or 0) + int(found[2] or 0)


def timeout_of(project: BakedProject) -> float:
    """Return the default of SHUTDOWN_TIMEOUT_MS, in seconds, from the project's source."""
    config = project.read(f"src/config.{'ts' if project.answers['language'] == 'typescript' else 'js'}")
    found = re.search(r"'SHUTDOWN_TIMEOUT_MS', (\d+)", config)
    assert found
    return int(found[1]) / 1000


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
                found[f"{where}.{key}"] = seconds(value)
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
