"""The second subject, benchmarks/service/: laid over a bake as docs/bring-your-app.md says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import BenchmarkError
from support.moved_in.guide import set_as_shown
from support.moved_in.moving import Application, Set, copy, merge_manifests

FOLDER = Path(__file__).with_name("service")
LOCKFILE = FOLDER / "package-lock.json"
ANSWERS = {"language": "typescript"}


@dataclass(frozen=True)
class RealService(Application):
    """A service of the benchmark's own, which the guide's steps apply to like to any other."""

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return FOLDER


ORDERS = RealService(
    "orders",
    ANSWERS,
    (
        Set("An express application behind the template's server", {"shop": "orders"}),
        Set("A folder that production reads"),
        Set("A folder that production reads", {"public": "views"}),
    ),
    allowed_scripts={"argon2": True, "msgpackr-extract": True, "protobufjs": False},
)


def lay_over(project: Path) -> None:
    """Put the service into a project that was baked with ANSWERS: its files, its dependencies, the guide's edits."""
    copy(ORDERS, project)
    merge_manifests(ORDERS, project)
    for setting in ORDERS.settings:
        set_as_shown(project, setting.heading, dict(setting.names))


def check_lock(project: Path) -> None:
    """Raise BenchmarkError unless the lockfile is of the dependencies that the project has now."""
    locked = json.loads(LOCKFILE.read_text(encoding="utf-8"))["packages"][""]
    manifest = json.loads((project / "package.json").read_text(encoding="utf-8"))
    for name in ("dependencies", "devDependencies"):
        if locked[name] != manifest[name]:
            raise BenchmarkError(f"the real service is locked with other {name} than it has now: make bench-lock")
