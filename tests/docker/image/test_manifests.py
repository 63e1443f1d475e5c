"""What scripts/image/manifests.mjs takes of a project: what links lead to, scripts that run, packed packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docker
import pytest

from support.baking import ROOT

SCRIPTS = ROOT / "{{cookiecutter.project_slug}}/scripts/image"
REDUCE = "mkdir -p /out/app && cd /out/app && node /scripts/manifests.mjs"
# As the next stage does, with the link that npm makes for a local package.
SHIP = f"""{REDUCE} && mkdir /app && cp -r . /app && cd /app && mkdir node_modules && rm package.json
ln -s ../packages/lib node_modules/lib && node /scripts/production.mjs && cd /out/production/app
"""
LIB: dict[str, Any] = {
    "package.json": {"dependencies": {"lib": "file:packages/lib"}},
    "packages/lib/package.json": {"name": "lib"},
}


def plant(project: Path, files: dict[str, Any], links: dict[str, str] | None = None) -> None:
    """Write files, those that are not text as JSON, and links."""
    for name, content in files.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    for name, target in (links or {}).items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).symlink_to(target)


def ask(client: docker.DockerClient, project: Path, command: str) -> tuple[int, str]:
    """Run a command where the project and the scripts are; return its exit status and all that it printed."""
    container = client.containers.create(
        "node:24-trixie",
        ["sh", "-c", command],
        volumes=[f"{project}:/project:ro", f"{SCRIPTS}:/scripts:ro"],
        working_dir="/",
    )
    try:
        container.start()
        status = container.wait()["StatusCode"]
        return status, container.logs().decode()
    finally:
        container.remove(force=True)


def test_what_links_of_a_local_package_lead_to_arrives(client: docker.DockerClient, tmp_path: Path) -> None:
    """The links stay links, so that the project may be copied over them later."""
    files = {"shared/data/x": "X\n", "docs/page.md": "PAGE\n", "config/patches/a.patch": "PATCH\n"}
    links = {
        "packages/lib/data": "../../shared/data",
        "packages/lib/page.md": "next.md",
        "packages/lib/next.md": "../../docs/page.md",
        # By another link, which comes after it.
        "packages/lib/a": "data/x",
        "packages/lib/self": ".",
        "packages/lib/later": "../../node_modules/other/file",
        "patches": "config/patches",
    }
    plant(tmp_path, {**LIB, **files}, links)
    status, output = ask(client, tmp_path, f"{REDUCE} && cat patches/a.patch && find . -type l -printf '%P %l\\n'")
    assert status == 0, output
    assert output.splitlines()[0] == "PATCH"
    assert dict(line.split() for line in output.splitlines()[1:]) == links
    status, output = ask(client, tmp_path, f"{SHIP} cat packages/lib/data/x packages/lib/page.md packages/lib/self/a")
    assert (status, output) == (0, "X\nPAGE\nX\n")


@pytest.mark.parametrize("target", ["../../nowhere", "../../../etc/passwd", "/etc/passwd"])
def test_a_link_that_leads_nowhere_is_named(client: docker.DockerClient, tmp_path: Path, target: str) -> None:
    plant(tmp_path, LIB, {"packages/lib/file": target})
    status, output = ask(client, tmp_path, REDUCE)
    assert status != 0
    assert output == "==> packages/lib/file leads to nothing that a build sees\n"


@pytest.mark.parametrize(
    ("script", "runs"),
    [
        *(
            (name, True)
            for name in ("preinstall", "postinstall", "predependencies", "dependencies", "postdependencies")
        ),
        *(
            (name, False)
            for name in (
                "prepare",
                "preprepare",
                "postprepare",
                "prepublish",
                "pnpm:devPreinstall",
                "test",
                "my-dependencies",
            )
        ),
    ],
)
def test_scripts_stay_if_an_installation_runs_one(
    client: docker.DockerClient, tmp_path: Path, script: str, runs: bool
) -> None:
    """Those for a checkout never do, in the project and in its packages."""
    checkout = dict.fromkeys(("prepublish", "preprepare", "prepare", "postprepare"), "husky")
    scripts = {**checkout, "helper": "true", script: "true"}
    plant(tmp_path, {**LIB, "package.json": {**LIB["package.json"], "scripts": scripts}})
    plant(tmp_path, {"packages/lib/package.json": {"name": "lib", "scripts": {**checkout, "install": "true"}}})
    status, output = ask(client, tmp_path, f"{REDUCE} && cat package.json && echo && cat packages/lib/package.json")
    assert status == 0, output
    own, packages = (json.loads(line)["scripts"] for line in output.splitlines())
    assert own == ({"helper": "true", script: "true"} if runs else {})
    assert packages == {"install": "true"}


def test_packed_packages_are_taken_wherever_they_are(client: docker.DockerClient, tmp_path: Path) -> None:
    packed = {"vendor/a.tgz", "vendor/deep/b.tar.gz", "c.tar", "vendor/D.TGZ"}
    plant(tmp_path, {"package.json": {}, **dict.fromkeys([*packed, "vendor/e.gz", "vendor/e.tar.md"], "")})
    status, output = ask(client, tmp_path, f"{REDUCE} && find . -type f -printf '%P\\n'")
    assert status == 0, output
    assert set(output.splitlines()) == {"package.json", *packed}


def test_a_manifest_that_nobody_can_read(client: docker.DockerClient, tmp_path: Path) -> None:
    """One that nothing installs is none; of another one the line says where it is."""
    broken = {"test/fixtures/broken/package.json": '{\n  "name" }', "test/fixtures/broken/a.patch": "PATCH\n"}
    plant(tmp_path, {**LIB, **broken})
    status, output = ask(client, tmp_path, f"{REDUCE} && cat test/fixtures/broken/a.patch")
    assert (status, output) == (0, "PATCH\n")
    for name in ("packages/lib/package.json", "package.json"):
        plant(tmp_path, {name: '{\n  "name" }'})
        status, output = ask(client, tmp_path, REDUCE)
        assert status != 0
        [line] = output.splitlines()
        assert line.startswith(f"==> {name}: ")
