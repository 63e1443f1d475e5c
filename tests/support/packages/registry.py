"""An npm registry in a container, for the scope @young: releases of given ages, with scripts, from elsewhere."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import yaml

from support.company.surroundings import archive
from support.registries import Release
from support.running import wait_until

IMAGE = "node:26-trixie-slim"
HOUR, MONTH = 1 / 24, 30
# As registry.mjs listens: at the second address is the same, but it is not the registry.
REGISTRY, ELSEWHERE = "http://HOST:4873", "http://HOST:4874"
# The script leaves a mark, so that a test sees whether it ran.
SCRIPT = {"scripts": {"postinstall": "node -e \"fs.writeFileSync('ran.txt', '')\""}, "hasInstallScript": True}
PACKAGES: dict[str, list[Release]] = {
    "@young/renewed": [Release("1.1.0", HOUR), Release("1.0.0", MONTH)],
    "@young/new": [Release("1.0.0", HOUR)],
    "@young/scripted": [Release("1.0.0", MONTH, SCRIPT)],
    "@young/parent": [Release("1.0.0", MONTH, {"dependencies": {"@young/scripted": "1.0.0"}})],
    "@young/from-git": [Release("1.0.0", MONTH, {"dependencies": {"is-odd": "github:jonschlinkert/is-odd"}})],
    "@young/from-afar": [
        Release("1.0.0", MONTH, {"dependencies": {"afar": f"{ELSEWHERE}/@young/renewed/-/1.0.0.tgz"}})
    ],
}


def packed(name: str, release: Release) -> bytes:
    """Return the archive of a release, whose module is its version."""
    manifest = {"name": name, "version": release.version, "main": "index.js", "license": "MIT", **release.facts}
    files = {
        "package/package.json": json.dumps(manifest).encode(),
        "package/index.js": f"module.exports = '{release.version}';\n".encode(),
    }
    return gzip.compress(archive(files), mtime=0)


def document(name: str, releases: Sequence[Release]) -> dict[str, Any]:
    """Return what the registry says about a package (npm/registry, docs/REGISTRY-API.md); the first is the latest."""
    versions = {}
    for release in releases:
        integrity = base64.b64encode(hashlib.sha512(packed(name, release)).digest()).decode()
        dist = {"integrity": f"sha512-{integrity}", "tarball": f"{REGISTRY}/{name}/-/{release.version}.tgz"}
        versions[release.version] = {"name": name, "version": release.version, "dist": dist, **release.facts}
    time = {release.version: release.moment for release in releases}
    return {"name": name, "dist-tags": {"latest": releases[0].version}, "versions": versions, "time": time}


@dataclass(frozen=True)
class YoungRegistry:
    """The running registry, by its name on the engine's bridge."""

    host: str

    def settings(self, folder: Path) -> dict[str, str]:
        """Write what leads a build to it, for each package manager; return the variables that name the files."""
        npmrc, yarnrc = folder / "npmrc", folder / "yarnrc.yml"
        address = REGISTRY.replace("HOST", self.host)
        npmrc.write_text(f"@young:registry={address}/\n", encoding="utf-8")
        scopes = {"young": {"npmRegistryServer": address}}
        yarnrc.write_text(yaml.safe_dump({"npmScopes": scopes, "unsafeHttpWhitelist": [self.host]}), encoding="utf-8")
        return {"NPMRC": str(npmrc), "YARNRC": str(yarnrc)}


@contextmanager
def young_registry(client: docker.DockerClient) -> Iterator[YoungRegistry]:
    """Start it; remove it at the end."""
    files = {"registry.mjs": Path(__file__).with_name("registry.mjs").read_bytes()}
    for name, releases in PACKAGES.items():
        files[f"store/{name}/document.json"] = json.dumps(document(name, releases)).encode()
        for release in releases:
            files[f"store/{name}/-/{release.version}.tgz"] = packed(name, release)
    container = client.containers.create(IMAGE, ["node", "/registry.mjs"])
    try:
        container.put_archive("/", archive(files))
        container.start()
        assert wait_until(lambda: b"listening" in container.logs(), 60), container.logs().decode()
        container.reload()
        yield YoungRegistry(container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"])
    finally:
        container.remove(force=True, v=True)
