"""How the tests build in a company's surroundings: make with other network settings, private packages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from support.baking import BakedProject
from support.company.surroundings import Package, Surroundings
from support.planted import exempt
from support.running import Service, project_of

# What a build takes from the host.
NETWORK_SETTINGS = ("NODE_EXTRA_CA_CERTS", "NPMRC", "MIRROR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with nothing of the machine's own network settings but these."""
    kept = {k: v for k, v in os.environ.items() if k.upper() not in NETWORK_SETTINGS}
    return {**kept, **settings}


def make(project: BakedProject, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run make with nothing of the machine's own network settings but these; return status and all output."""
    result = project.make_with(environment_with(environment), *arguments)
    return result.returncode, result.stdout + result.stderr


def depend_on(project: BakedProject, package: Package) -> None:
    """Write a dependency into package.json and package-lock.json, as `make add` does, without any network."""
    for name in ("package.json", "package-lock.json"):
        content = json.loads(project.read(name))
        root = content["packages"][""] if "packages" in content else content
        root.setdefault("dependencies", {})[package.name] = package.version
        if "packages" in content:
            entry = {"version": package.version, "integrity": package.integrity, "license": "MIT"}
            content["packages"][f"node_modules/{package.name}"] = entry
        (project.path / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def remedies(service: Service, log: str) -> list[str]:
    """Return the remedies of the README's rows about builds of which a quoted text is in the log."""
    table = service.project.read("README.md").partition("| what you see |")
    rows = [row.strip("|").split("|") for row in table[2].splitlines() if row.startswith("| ")]
    assert rows
    return [
        cure.strip()
        for seen, cure in rows
        if "service" not in seen and any(stands_in(text, log) for text in re.findall(r"`([^`]+)`", seen))
    ]


def stands_in(text: str, log: str) -> bool:
    """Whether a line of the log holds a text, in which … matches anything."""
    return re.search(".*".join(map(re.escape, text.split("\u2026"))), log) is not None


@dataclass
class PrivateBuild:
    """A project that was built behind the private CA and with the token: its settings and make's output."""

    service: Service
    settings: dict[str, str]
    package: Package
    canary: str
    log: str

    @property
    def images(self) -> list[str]:
        """Every image that make has built, by its tag."""
        slug = self.service.project.slug
        return sorted(tag for image in self.service.client.api.images(slug) for tag in image["RepoTags"])


@contextmanager
def private_build(
    company: Surroundings, client: docker.DockerClient, folder: Path, *targets: str, **answers: str
) -> Iterator[PrivateBuild]:
    """Bake, add a package that only the company's registry has, and make the targets, all as a user would."""
    package = company.publish()
    canary = f"canary-{company.password}"
    settings = {
        "NODE_EXTRA_CA_CERTS": str(company.bundle(folder / "ca.pem", canary)),
        "NPMRC": str(company.npmrc(folder / "npmrc", company.registry)),
    }
    with project_of(folder / "project", client, **answers) as service:
        # It was published just now.
        exempt(service.project, "@team/*")
        log = ""
        for arguments in (["add", f"PACKAGE={package.name}"], *([target] for target in targets)):
            status, output = make(service.project, *arguments, **settings)
            assert status == 0, output
            log += output
        yield PrivateBuild(service, settings, package, canary, log)


def module_in(service: Service, package: Package) -> str:
    """Run the production image and return what the package in it says."""
    script = f"import('{package.name}').then((m) => console.log(m.default))"
    said = service.client.containers.run(service.tag, ["node", "--eval", script], remove=True)
    return bytes(said).decode().strip()


def base_images_of(service: Service) -> list[str]:
    """Return the base images that the Dockerfile names."""
    return re.findall(r"^FROM (\S+:\S+) AS", service.project.read("Dockerfile"), re.MULTILINE)
