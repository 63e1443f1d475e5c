"""When the tests leave their Swarm, asked of an engine that only pretends; tests/docker/orchestrate asks a real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.locks import exclusive
from support import swarm


class Engine:
    """An engine in a Swarm with these labels, where so many containers run."""

    def __init__(self, labels: dict[str, str], containers: int = 0) -> None:
        """It is its own client, and its own list of containers and Swarm."""
        self.attrs = {"Spec": {"Labels": labels}}
        self.running = containers
        self.has_left = False
        self.swarm = self.containers = self

    def info(self) -> dict[str, Any]:
        """Say that it is in a Swarm."""
        return {"Swarm": {"LocalNodeState": "active"}}

    def reload(self) -> None:
        """Change nothing."""

    def list(self) -> list[int]:
        """Return what runs."""
        return list(range(self.running))

    def leave(self, *, force: bool) -> None:
        """Leave the Swarm."""
        self.has_left = force


OURS = {**swarm.LABEL, swarm.BRIDGE: "True"}


def leaves(engine: Any) -> bool:
    """Whether the engine is not in the Swarm afterwards; a line says so where it stays in ours."""
    said = swarm.leave(engine)
    assert bool(said) is (not engine.has_left and engine.attrs["Spec"]["Labels"] == OURS)
    return bool(engine.has_left)


def test_only_ours_is_left_and_only_when_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm, "LOCK", tmp_path / "lock")
    assert leaves(Engine(OURS))
    assert not leaves(Engine({}))
    assert not leaves(Engine(OURS, containers=1))
    with exclusive(swarm.LOCK, "nobody", 1):
        assert not leaves(Engine(OURS)), "another run has it, between two of its containers"
