"""Reads which production packages a lockfile names, for each package manager's own format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import yaml

from locks import LOCKFILES
from support.baking import BakedProject

Package = tuple[str, str]  # name and version


def closure(roots: Iterable[str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """Return everything reachable from `roots` by `needs`."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        entry = waiting.pop()
        if entry not in found:
            found.add(entry)
            waiting += needs(entry)
    return found


def from_npm(text: str) -> set[Package]:
    """Read package-lock.json, version 3."""
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    return {
        (path.rpartition("node_modules/")[2], package["version"])
        for path, package in packages.items()
        if path and not package.get("dev") and not package.get("peer")
    }


def from_pnpm(text: str) -> set[Package]:
    """Read pnpm-lock.yaml, version 9; keys look like `name@version` and `name@version(peer@version)`."""
    # pnpm may put its own packages into a first document; the project's is the last.
    lock = list(yaml.safe_load_all(text))[-1]

    def needs(key: str) -> list[str]:
        snapshot = lock["snapshots"][key]
        needed = {**snapshot.get("dependencies", {}), **snapshot.get("optionalDependencies", {})}
        return [f"{n}@{v}" for n, v in needed.items()]

    direct = lock["importers"]["."].get("dependencies", {})
    keys = closure([f"{name}@{entry['version']}" for name, entry in direct.items()], needs)
    return {(k[: k.index("@", 1)], k[k.index("@", 1) + 1 :].partition("(")[0]) for k in keys}


def from_yarn(text: str) -> set[Package]:
    """Read yarn.lock of yarn 4, in which each entry lists the descriptors that it answers."""
    entries = {
        descriptor.strip(): entry
        for descriptors, entry in yaml.safe_load(text).items()
        for descriptor in descriptors.split(",")
    }
    root = next(entry for entry in entries.values() if entry.get("linkType") == "soft")

    def needs(descriptor: str) -> list[str]:
        return [f"{n}@{r}" for n, r in entries[descriptor].get("dependencies", {}).items()]

    manifest_names = root.get("dependencies", {})
    keys = closure([f"{n}@{r}" for n, r in manifest_names.items()], needs)
    return {(k[: k.index("@", 1)], entries[k]["version"]) for k in keys}


READERS = {"npm": from_npm, "pnpm": from_pnpm, "yarn": from_yarn}


def production_packages(project: BakedProject) -> set[Package]:
    """Return name and version of every package that production needs, as the project's lockfile has them.

    yarn.lock does not tell development from production, so the manifest's names are used to tell.
    """
    manager = project.answers["package_manager"]
    text = project.read(LOCKFILES[manager])
    if manager != "yarn":
        return READERS[manager](text)
    production = json.loads(project.read("package.json")).get("dependencies", {})
    lock = yaml.safe_load(text)
    for entry in lock.values():
        if entry.get("linkType") == "soft":
            needed = entry.get("dependencies", {})
            entry["dependencies"] = {n: r for n, r in needed.items() if n in production}
    return from_yarn(yaml.safe_dump(lock))
