"""Builds images and takes the time: cold, after an edit, after a new dependency, with nothing changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import uuid
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.commands import BenchmarkError, Progress, run, seconds
from benchmarks.conditions import BASES
from benchmarks.contexts import own_caches
from benchmarks.figures import ROWS, best_peer, counted
from benchmarks.samples import Samples, rotated
from benchmarks.variants import Variant
from engine.network import PROXIES

# Rounds of builds that every variant takes part in, and by which the best peer is picked.
FEW = {"edit_s": 1, "cold_s": 1, "dependency_s": 2}
# The projects whose manifests the peers of a subject share.
LEADS = ("ours-express", "service-ours")
LOCKFILES = ("package-lock.json", "pnpm-lock.yaml", "yarn.lock")
# Small, without dependencies, not among ours: every round adds one that no cache has seen.
PACKAGES = (
    "klona@2.0.6",
    "mitt@3.0.1",
    "dlv@1.1.3",
    "kleur@4.1.5",
    "rfdc@1.4.1",
    "dequal@2.0.3",
    "picocolors@1.1.1",
    "is-number@7.0.0",
    "nanoid@5.1.5",
    "clsx@2.1.1",
    "flru@1.0.2",
)


def known_registry() -> tuple[str, ...]:
    """Return the option that tells a build the address of the registry that npm in the base image asks.

    Otherwise a build asks the resolver some hundred times at once, and one lost answer costs it 5 seconds:
    the figures would be the resolver's. Nothing where only a proxy knows the name.
    """
    name = urlsplit(run("docker", "run", "--rm", BASES[0], "npm", "config", "get", "registry")).hostname or ""
    try:
        return ("--add-host", f"{name}:{socket.gethostbyname(name)}")
    except OSError:
        return ()


class Builder:
    """Builds the contexts of one run; its images are called bench-<run>/<variant>:<tag>."""

    def __init__(self, run_id: str, contexts: dict[str, Path]) -> None:
        """Take the run's name and the build context of each variant that has one."""
        self.run_id, self.contexts = run_id, contexts
        self.registry = known_registry()
        self.label = f"node-multi-stage.benchmark={run_id}"
        self.network = f"bench-{run_id}"

    def image(self, variant: Variant, tag: str = "run") -> str:
        """The name of a variant's image."""
        return f"bench-{self.run_id}/{variant.image or variant.key}:{tag}"

    def command(self, variant: Variant, tag: str, *options: str) -> list[str]:
        """The `docker build` of a variant."""
        ca = os.environ.get("NODE_EXTRA_CA_CERTS", "")
        return [
            *("docker", "build", "--quiet", "--tag", self.image(variant, tag), "--label", self.label),
            *(word for name in PROXIES if name in os.environ for word in ("--build-arg", name)),
            *(("--secret", f"id=extra_ca,src={ca}") if ca else ()),
            *self.registry,
            *(("--target", variant.target) if variant.target else ()),
            *options,
            str(self.contexts[variant.key]),
        ]

    def build(self, variant: Variant, tag: str = "run") -> float:
        """Build with whatever cache there is; returns seconds."""
        return seconds(*self.command(variant, tag))

    def build_cold(self, variant: Variant) -> float:
        """Build with no layer cached and the package manager's caches empty; returns seconds.

        Base images are there, as they are on a machine that has built before.
        """
        context = self.contexts[variant.key]
        text = re.sub(r"(--mount=type=cache),id=[^,]+,", r"\1,", (context / "Dockerfile").read_text())
        fresh = context.parent / "Dockerfile.cold"
        fresh.write_text(own_caches(text, f"{self.run_id}-{uuid.uuid4().hex}"))
        return seconds(*self.command(variant, "cold", "--no-cache", "--file", str(fresh)))

    def edit(self, variant: Variant) -> None:
        """Change one line of a source file, never twice alike."""
        with (self.contexts[variant.key] / variant.source).open("a") as file:
            file.write(f"// edit {uuid.uuid4().hex}\n")

    def edit_version(self, variant: Variant) -> None:
        """Raise the version in package.json."""
        path = self.contexts[variant.key] / "package.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        major, _, rest = manifest["version"].partition(".")
        manifest["version"] = f"{int(major) + 1}.{rest}"
        path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")

    def clean(self) -> None:
        """Remove the run's images and cache mounts."""
        if images := run("docker", "images", "--all", "--quiet", "--filter", f"label={self.label}").split():
            run("docker", "rmi", "--force", *dict.fromkeys(images))
        usage = run("docker", "buildx", "du", "--verbose", "--filter", "type=exec.cachemount")
        for record in usage.split("\n\n"):
            found = re.search(r"^ID:\s+(\S+)", record, re.MULTILINE)
            if found and f"{self.run_id}-" in record:
                run("docker", "buildx", "prune", "--force", "--filter", f"id={found[1]}")


def measure_cold(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `cold_s`."""
    progress = Progress("cold builds", rounds * len(variants))
    for number in range(rounds):
        samples.begin_round("cold_s")
        for variant in rotated(in_round("cold_s", variants, number, samples), number):
            progress.step(variant.label)
            samples.add("cold_s", variant.key, builder.build_cold(variant))


def measure_rebuilds(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `edit_s`, `unchanged_s` right after it, and `version_s`."""
    progress = Progress("rebuilds after an edit", rounds * len(variants))
    for variant in variants:
        builder.build(variant, "rebuild")
    for number in range(rounds):
        samples.begin_round("edit_s", "unchanged_s", "version_s")
        for variant in rotated(in_round("edit_s", variants, number, samples), number):
            progress.step(variant.label)
            builder.edit(variant)
            samples.add("edit_s", variant.key, builder.build(variant, "rebuild"))
            samples.add("unchanged_s", variant.key, builder.build(variant, "rebuild"))
            builder.edit_version(variant)
            samples.add("version_s", variant.key, builder.build(variant, "rebuild"))


def measure_dependencies(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `dependency_s`: the build after one more package in manifest and lockfile, ours' first in each round."""
    rounds = min(rounds, len(PACKAGES))
    progress = Progress("rebuilds after a dependency", rounds * len(variants))
    leads = {variant.subject: variant for variant in variants if variant.key in LEADS}
    for variant in variants:
        builder.build(variant, "rebuild")
    for number, package in enumerate(PACKAGES[:rounds]):
        samples.begin_round("dependency_s")
        chosen = in_round("dependency_s", variants, number, samples)
        for variant in chosen:
            if variant.kind == "ours":
                add_dependency(builder.contexts[variant.key], package)
        for variant in rotated(chosen, number):
            progress.step(variant.label)
            if variant.kind == "peer":
                lead = builder.contexts[leads[variant.subject].key]
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(lead / name, builder.contexts[variant.key] / name)
            samples.add("dependency_s", variant.key, builder.build(variant, "rebuild"))


def in_round(measure: str, variants: Sequence[Variant], number: int, samples: Samples) -> list[Variant]:
    """Return the variants that a round of builds takes: after the first FEW, those that decide something.

    These are what a figure names, and of the peers from which it picks the best the one that was the best so far.
    """
    if number < FEW[measure]:
        return list(variants)
    kept = counted(measure)
    kept |= {best_peer(row, samples) for row in ROWS if row.peers and any(key == measure for key, _ in row.keys)}
    return [variant for variant in variants if variant.key in kept]


def add_dependency(project: Path, package: str) -> None:
    """Write one more dependency into manifest and lockfile. (`make add` also installs it, which is to be timed.)"""
    image = f"bench-add-{project.name}"
    path = project / "package.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    name, _, version = package.rpartition("@")
    manifest["dependencies"][name] = version
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    [lockfile] = (project / lock for lock in LOCKFILES if (project / lock).exists())
    before = lockfile.read_bytes()
    try:
        run("make", "lock", f"IMAGE={image}", cwd=project, env={**os.environ, "IMAGE": image})
        if lockfile.read_bytes() == before:
            raise BenchmarkError(f"make lock did not lock {package} in {project}")
    finally:
        if run("docker", "images", "--quiet", f"{image}:base"):
            run("docker", "rmi", "--force", f"{image}:base")
