"""What a lockfile locks: name, version and origin of each package, in npm's, pnpm's and yarn's format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from packageurl.contrib.purl2url import get_download_url

from node_multi_stage.git import Refused

# The public registry's host, as the resolver of package URLs (github.com/package-url) knows it.
PUBLIC = urlsplit(get_download_url("pkg:npm/any@1.0.0")).netloc


@dataclass(frozen=True)
class Locked:
    """A package as it is locked: where it comes from (empty: from the registry), and what its archive must be.

    `has_script` is None where the lockfile does not say whether the package has an install script.
    """

    name: str
    version: str
    address: str = ""
    integrity: str = ""
    has_script: bool | None = None

    @property
    def registry_host(self) -> str:
        """The host of an address at which a registry has this very version; else an empty string."""
        found = re.fullmatch(r"https?://([^/?#]+)/(.*)", self.address)
        path = unquote(found[2]) if found else ""
        is_own = f"/{self.name}/-/" in f"/{path}" and path.endswith(f"{self.version}.tgz")
        return found[1] if found and is_own else ""

    def origin(self, registries: frozenset[str]) -> str:
        """Return where it comes from, or an empty string for one of these hosts of registries."""
        return "" if self.registry_host and self.registry_host in registries else self.address


def from_npm(text: str) -> Iterator[Locked]:
    """Read package-lock.json, version 2 and 3; packages of the project itself are left out."""
    for path, package in json.loads(text)["packages"].items():
        _, found, folder = path.rpartition("node_modules/")
        if not found or package.get("link"):
            continue
        address = "an archive of another package" if package.get("inBundle") else package.get("resolved", "")
        name, integrity = package.get("name", folder), package.get("integrity", "")
        yield Locked(name, package["version"], address, integrity, bool(package.get("hasInstallScript")))


def name_and_rest(key: str) -> tuple[str, str]:
    """Split name@rest, where the name may begin with an @ itself."""
    at = key.index("@", 1)
    return key[:at], key[at + 1 :]


def from_pnpm(text: str) -> Iterator[Locked]:
    """Read pnpm-lock.yaml, version 9; packages of the project itself are left out."""
    # pnpm may put its own packages into a first document; the project's is the last.
    for key, package in (list(yaml.safe_load_all(text))[-1].get("packages") or {}).items():
        name, rest = name_and_rest(key)
        resolution = package["resolution"]
        if "directory" in resolution:
            continue
        address = resolution.get("tarball", "")
        if "repo" in resolution:
            address = f"{resolution['repo']}#{resolution['commit']}"
        yield Locked(name, str(package.get("version", rest)), address, resolution.get("integrity", ""))


def from_yarn(text: str) -> Iterator[Locked]:
    """Read yarn.lock of yarn 2 and newer; packages of the project itself are left out, and patches of others."""
    content = yaml.safe_load(text)
    if "__metadata" not in content:
        raise Refused("yarn.lock is that of yarn 1")
    for entry in content.values():
        if entry.get("linkType") != "hard":
            continue
        name, reference = name_and_rest(entry["resolution"])
        if reference.startswith("patch:"):
            continue
        address = reference
        if reference.startswith("npm:"):
            address = unquote(reference.partition("__archiveUrl=")[2])
        yield Locked(name, str(entry["version"]), address, entry.get("checksum", ""))


READERS: dict[str, Callable[[str], Iterator[Locked]]] = {
    "package-lock.json": from_npm,
    "pnpm-lock.yaml": from_pnpm,
    "yarn.lock": from_yarn,
}


def read(name: str, content: bytes) -> list[Locked]:
    """Return what a lockfile of this name locks; raises Refused if it is none of its format."""
    try:
        return list(READERS[name](content.decode()))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, yaml.YAMLError) as error:
        reason: Any = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refused(f"{name} cannot be read: {reason}") from error
