"""The packages that are tried, by kind: one file of tests/docker/packages/batches each.

A batch says `about`, which packages may run install scripts (`scripts`) and which need not run theirs (`unneeded`).
Each of its `packages` has its `version` and, where needed: `imports`, in place of its name; `work`, an ES module that
does what the package is for, and what it `prints`; `beside`, other packages that it needs for that and does not
import; `large: true`, which keeps it out of the slices of `make test`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from support.baking import ROOT

FOLDER = ROOT / "tests" / "docker" / "packages" / "batches"


@dataclass(frozen=True)
class Package:
    """A package of the registry: its exact version, what to import (None: its name), a program with its output."""

    name: str
    version: str
    imports: list[str] | None = None
    work: str = ""
    prints: str = ""
    beside: tuple[str, ...] = ()
    large: bool = False

    @property
    def entries(self) -> list[str]:
        """What an owner imports."""
        return [self.name] if self.imports is None else self.imports

    @property
    def needed(self) -> set[str]:
        """The other packages that its program needs: those that it imports, and those beside it."""
        imported = re.findall(r"(?<![.\w])(?:from|import)\s*\(?'((?:@[^/']+/)?[\w][^/:']*)['/]", self.work)
        return {*imported, *self.beside} - {self.name}


@dataclass(frozen=True)
class Batch:
    """Packages that one project depends on together, and which install scripts (also of theirs) may run."""

    name: str
    about: str
    packages: tuple[Package, ...]
    scripts: dict[str, bool]


def batches() -> list[Batch]:
    """Return every batch, by name."""
    return [read(path.stem) for path in sorted(FOLDER.glob("*.yaml"))]


def with_needed(chosen: Iterable[Package]) -> list[Package]:
    """Return these packages and, from whatever batch, those that their programs need; KeyError for one in none."""
    every = {package.name: package for batch in batches() for package in batch.packages}
    found: dict[str, Package] = {}
    waiting = list(chosen)
    while waiting:
        package = waiting.pop(0)
        if package.name not in found:
            found[package.name] = package
            waiting += [every[name] for name in sorted(package.needed)]
    return list(found.values())


def read(name: str) -> Batch:
    """Return the batch of this name; raises TypeError for a field that there is not."""
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    packages = tuple(Package(name, **fields) for name, fields in content["packages"].items())
    scripts = {**dict.fromkeys(content.get("scripts", []), True), **dict.fromkeys(content.get("unneeded", []), False)}
    return Batch(name, content["about"], packages, scripts)
