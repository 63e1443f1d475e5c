"""Lockfiles before and after the same changes, in each package manager's own format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

import yaml

from node_multi_stage.lockfiles import PUBLIC

ELSEWHERE = "https://files.example.com/left.tgz"
# The archive of another package, at the same registry.
OTHER = f"https://{PUBLIC}/evil/-/evil-1.0.0.tgz"
REPOSITORY = "https://github.com/owner/right.git"
COMMIT = "0123456789012345678901234567890123456789"


def npm_lock(**packages: Mapping[str, object]) -> str:
    """Return a package-lock.json with these packages in node_modules."""
    every = {"": {"name": "app"}, **{f"node_modules/{name}": package for name, package in packages.items()}}
    return json.dumps({"lockfileVersion": 3, "packages": every})


def pnpm_lock(**packages: Mapping[str, object]) -> str:
    """Return a pnpm-lock.yaml with these packages by name@version, which is written name__1_0_0."""
    every = {name.replace("__", "@").replace("_", "."): package for name, package in packages.items()}
    return yaml.safe_dump({"lockfileVersion": "9.0", "packages": every})


def yarn_lock(**packages: tuple[str, str, str]) -> str:
    """Return a yarn.lock with these packages: version, reference, checksum."""
    every = {
        f"{name}@npm:*": {"version": v, "resolution": f"{name}@{reference}", "checksum": checksum, "linkType": "hard"}
        for name, (v, reference, checksum) in packages.items()
    }
    own = {"version": "0.0.0-use.local", "resolution": "app@workspace:.", "linkType": "soft"}
    return yaml.safe_dump({"__metadata": {"version": 10}, "app@workspace:.": own, **every})


# The same before and after, in each format.
CHANGED = {
    "npm": (
        npm_lock(
            alike={"version": "1.0.0", "integrity": "sha512-a/b=="},
            content={"version": "1.0.0", "integrity": "sha512-a/b=="},
            left={"version": "1.0.0"},
            other={"version": "1.0.0"},
            right={"version": "1.0.0"},
            scripted={"version": "1.0.0", "hasInstallScript": True},
        ),
        npm_lock(
            alike={
                "version": "1.0.0",
                "integrity": "sha1-ab",
                "resolved": f"https://{PUBLIC}/alike/-/alike-1.0.0.tgz",
            },
            content={"version": "1.0.0", "integrity": "sha512-a/c=="},
            left={"version": "1.0.0", "resolved": ELSEWHERE},
            other={"version": "1.0.0", "resolved": OTHER},
            right={"version": "1.0.0", "resolved": f"{REPOSITORY}#{COMMIT}"},
            scripted={"version": "2.0.0", "hasInstallScript": True},
        ),
    ),
    "pnpm": (
        pnpm_lock(
            alike__1_0_0={"resolution": {"integrity": "sha512-a"}},
            content__1_0_0={"resolution": {"integrity": "sha512-a"}},
            left__1_0_0={"resolution": {"integrity": "sha512-a"}},
            other__1_0_0={"resolution": {"integrity": "sha512-a"}},
            right__1_0_0={"resolution": {"integrity": "sha512-a"}},
            scripted__1_0_0={"resolution": {"integrity": "sha512-a"}},
        ),
        pnpm_lock(
            alike__1_0_0={"resolution": {"integrity": "sha512-a"}},
            content__1_0_0={"resolution": {"integrity": "sha512-c"}},
            left__url={"resolution": {"tarball": ELSEWHERE}, "version": "1.0.0"},
            other__1_0_0={"resolution": {"integrity": "sha512-a", "tarball": OTHER}},
            right__url={"resolution": {"type": "git", "repo": REPOSITORY, "commit": COMMIT}, "version": "1.0.0"},
            scripted__2_0_0={"resolution": {"integrity": "sha512-b"}},
            local__file={"resolution": {"type": "directory", "directory": "local"}, "version": "1.0.0"},
        ),
    ),
    "yarn": (
        yarn_lock(
            alike=("1.0.0", "npm:1.0.0", "10c0/a"),
            content=("1.0.0", "npm:1.0.0", "10c0/a"),
            left=("1.0.0", "npm:1.0.0", "10c0/a"),
            other=("1.0.0", "npm:1.0.0", "10c0/a"),
            right=("1.0.0", "npm:1.0.0", "10c0/a"),
            scripted=("1.0.0", "npm:1.0.0", "10c0/a"),
        ),
        yarn_lock(
            alike=("1.0.0", "npm:1.0.0", "11c0/b"),
            content=("1.0.0", "npm:1.0.0", "10c0/b"),
            left=("1.0.0", ELSEWHERE, "10c0/a"),
            other=("1.0.0", f"npm:1.0.0::__archiveUrl={quote(OTHER, safe='')}", "10c0/a"),
            right=("1.0.0", f"{REPOSITORY}#commit={COMMIT}", "10c0/a"),
            scripted=("2.0.0", "npm:2.0.0", "10c0/a"),
        ),
    ),
}
