"""Tries packages in a generated project: builds it, loads them in both of its images, lets them work, and compares."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import docker
import yaml

from support.packages.binaries import File, files_of, own_platform
from support.packages.lists import Batch, Package
from support.running import Service

HERE = Path(__file__).parent
# As compose.yaml has it; packages that behave differently in development must behave alike in both images.
HARDENED = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--init"]
HARDENED += ["--env=NODE_ENV=production"]
NOTICE = re.compile(r"(un)?licen[cs]e|copying|notice|third.?party|patents", re.IGNORECASE)
PACKAGE = re.compile(r"(.*node_modules/)?(@[^/]+/)?[^/]+/?")
CODE = re.compile(r"\.([cm]?[jt]sx?|json|map|node|so|wasm|s?css|html|vue)$")


@dataclass(frozen=True)
class Ended:
    """How a process ended (`exit N`, a signal's name, `hangs`) and what it printed."""

    end: str
    stdout: str
    stderr: str

    def reason(self, entry: str = "") -> str:
        """Return what it said about an entry, or its last words."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        about = [line for line in lines if entry and line.startswith(f"{entry}: ")]
        errors = [line for line in lines if re.match(r"\s*\w*(Error|ERR_\w+)\b", line)]
        return " ".join([self.end, *(about or errors or lines[-2:])[:2]])


@dataclass
class Outcome:
    """What a trial found: a line for each fault, and figures for the report."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)


def add(service: Service, batch: Batch) -> None:
    """Write a batch's packages, and what its package manager wants for their install scripts, into the manifests."""
    path = service.project.path / "package.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["dependencies"] = {**manifest.get("dependencies", {}), **{p.name: p.version for p in batch.packages}}
    manager = service.project.answers["package_manager"]
    if manager == "npm" and batch.scripts:
        manifest["allowScripts"] = batch.scripts
    if manager == "yarn" and batch.scripts:
        manifest["dependenciesMeta"] = {name: {"built": runs} for name, runs in batch.scripts.items()}
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    if manager == "pnpm" and batch.scripts:
        path = service.project.path / "pnpm-workspace.yaml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["allowBuilds"] = {**settings.get("allowBuilds", {}), **batch.scripts}
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")


def build(service: Service) -> None:
    """Lock, and build the image with every dependency and the production image; fails the test if one fails."""
    for target in ("lock", "image-deps", "build"):
        result = service.project.make(target)
        assert result.returncode == 0, f"make {target}: {(result.stdout + result.stderr)[-4000:]}"


def run(service: Service, image: str, jobs: dict[str, str]) -> dict[str, Ended]:
    """Run ES modules, each in a process of its own, in one hardened container of an image without network."""
    entry = service.client.images.get(image).attrs["Config"]["Entrypoint"]
    user = [] if image == service.tag else ["--user=1000:1000"]
    command = ["docker", "run", "--rm", "--interactive", "--network=none", *HARDENED, *user, image]
    command += [*([] if entry else ["node"]), "--input-type=module", "--eval", (HERE / "jobs.mjs").read_text()]
    result = subprocess.run(
        command,
        input=json.dumps([{"name": name, "code": code} for name, code in jobs.items()]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    ended = json.loads(result.stdout)
    return {job["name"]: Ended(job["end"], job["stdout"], job["stderr"]) for job in ended}


def load_job(package: Package) -> str:
    """Return the program that loads a package."""
    program = (HERE / "load.mjs").read_text(encoding="utf-8")
    constants = f"const PACKAGE = {json.dumps(package.name)};\nconst IMPORTS = {json.dumps(package.entries)};\n"
    return constants + program


def compare_loading(packages: Iterable[Package], there: dict[str, Ended], here: dict[str, Ended]) -> Outcome:
    """Compare what loads in the image with every dependency (`there`) and in production (`here`)."""
    outcome = Outcome()
    loaded = 0
    for package in packages:
        before, after = there[package.name], here[package.name]
        # Without what packages themselves print when they are loaded.
        lines = [line for line in before.stdout.splitlines() if line.startswith(("import ", "require "))]
        for entry in package.entries:
            # Required only: JSON, for example.
            if not any(line.startswith((f"import {entry}:", f"require {entry}:")) for line in lines):
                outcome.faults.append(f"{package.name}: {entry} loads nowhere: {before.reason(f'import {entry}')}")
        for line in lines:
            entry = line.partition(":")[0]
            if line not in after.stdout.splitlines():
                outcome.faults.append(f"{package.name}: {entry} is broken in production: {after.reason(entry)}")
        if before.end != after.end:
            outcome.faults.append(f"{package.name}: {before.end} there, {after.reason()} in production")
        loaded += len(lines)
    outcome.figures["entries"] = loaded
    return outcome


def compare_work(packages: Iterable[Package], there: dict[str, Ended], here: dict[str, Ended]) -> Outcome:
    """Check that each program gives what its batch says, in both images."""
    outcome = Outcome()
    for package in packages:
        for where, ended in (("the test image", there[package.name]), ("production", here[package.name])):
            if (ended.end, ended.stdout.strip()) != ("exit 0", package.prints.strip()):
                said = f"{ended.stdout.strip()[-300:]!r}, {ended.reason()}"
                outcome.faults.append(f"{package.name} does not do its work in {where}: {said}")
    outcome.figures["working"] = len(list(packages))
    return outcome


def compare_files(client: docker.DockerClient, reference: str, production: str) -> Outcome:
    """Check that production holds no code of other platforms, and every notice of the packages that it holds."""
    outcome = Outcome()
    own = own_platform(client)
    before, after = (files_of(client, image, "/app/node_modules") for image in (reference, production))
    foreign = {path: file for path, file in after.items() if file.platform not in ("", own)}
    outcome.faults += [f"of another platform, {file.platform}: {path}" for path, file in sorted(foreign.items())]
    packages = {path.removesuffix("package.json") for path in after if path.endswith("/package.json")}
    # Without what only development installs.
    before = {path: file for path, file in before.items() if PACKAGE.match(path).group() in packages}  # type: ignore[union-attr]
    outcome.faults += [f"lost notice: {path}" for path in sorted(notices(before, packages) - set(after))]
    sizes = [sum(file.size for file in files.values()) / 1e6 for files in (before, after)]
    outcome.figures["before_mb"], outcome.figures["after_mb"] = (round(size, 1) for size in sizes)
    outcome.figures["foreign_mb"] = round(sum(file.size for file in foreign.values()) / 1e6, 1)
    outcome.figures["was_foreign_mb"] = round(
        sum(file.size for file in before.values() if file.platform not in ("", own)) / 1e6, 1
    )
    return outcome


def notices(files: dict[str, File], packages: set[str]) -> set[str]:
    """Return the licences and notices of these packages; where one has none, its README, which may hold them."""
    found: set[str] = set()
    for folder in packages:
        names = [path for path in files if path.startswith(folder) and "/" not in path.removeprefix(folder)]
        licences = {p for p in names if NOTICE.search(p.removeprefix(folder)) and not CODE.search(p)}
        readmes = {p for p in names if p.removeprefix(folder).lower().startswith("readme") and not CODE.search(p)}
        found |= licences or readmes
    return found


def prove(service: Service, batch: Batch) -> Outcome:
    """Do all of it with one batch in a project that is only baked; the outcome's faults are to be none."""
    add(service, batch)
    build(service)
    reference = f"{service.project.slug}:deps"
    working = [package for package in batch.packages if package.work]
    loads = {package.name: load_job(package) for package in batch.packages}
    work = {package.name: package.work for package in working}
    there, here = (run(service, image, loads) for image in (reference, service.tag))
    works_there, works_here = (run(service, image, work) for image in (reference, service.tag))
    parts = [
        compare_loading(batch.packages, there, here),
        compare_work(working, works_there, works_here),
        compare_files(service.client, reference, service.tag),
    ]
    whole = Outcome(figures={"packages": len(batch.packages)})
    for part in parts:
        whole.faults += part.faults
        whole.figures |= part.figures
    whole.figures["image_mb"] = round(service.image.attrs["Size"] / 1e6, 1)
    return whole
