"""A package whose install script its manager leaves out stops the build, with a line that says what to write."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import docker
import pytest

from support.planted import allow_script, edit_manifest, forget_scripts, write
from support.running import Service, files_of, project_of

HINT = re.compile(r"==> No install script is allowed for (\S+)\. In (\S+?)[:,] (.*)")
# npm 12 as an owner installs it.
NPM_12 = """
RUN --mount=type=secret,id=extra_ca \\
    NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca npm install --global npm@12.2.2
"""


def use_npm_12(project: Path) -> None:
    """Install npm 12 in the stage from which all others inherit it."""
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace("WORKDIR /app\n", f"WORKDIR /app\n{NPM_12}", 1), encoding="utf-8")


def build(service: Service) -> subprocess.CompletedProcess[str]:
    """Run `make build`, whether it succeeds or not."""
    return service.project.make("build")


@pytest.mark.full
@pytest.mark.parametrize(
    ("manager", "package", "script", "where"),
    [
        ("pnpm", "swagger-ui-express@5.0.1", "@scarf/scarf", "pnpm-workspace.yaml"),
        ("yarn", "node-pty@1.1.0", "node-pty", "package.json"),
        ("npm", "node-pty@1.1.0", "node-pty", "package.json"),
        ("npm 12", "unix-dgram@2.0.7", "unix-dgram", "package.json"),
    ],
)
def test_what_the_hint_says_cures_it(
    tmp_path: Path, client: docker.DockerClient, manager: str, package: str, script: str, where: str
) -> None:
    with project_of(tmp_path, client, framework="http", package_manager=manager.split()[0]) as service:
        if manager == "npm 12":
            use_npm_12(service.project.path)
        added = service.project.make("add", PACKAGE=package)
        assert added.returncode == 0, added.stderr
        outputs = [added.stdout + added.stderr]
        if manager.startswith("npm"):
            # Its `make add` has allowed the script.
            forget_scripts(service.project)
            outputs = []
        refused = build(service)
        assert refused.returncode != 0, refused.stdout + refused.stderr
        for said in [*outputs, refused.stdout + refused.stderr]:
            hints = set(HINT.findall(said))
            assert {(name, file) for name, file, _ in hints} == {(script, where)}, said[-2000:]
        allow_script(service.project, script)
        locked = service.project.make("lock")
        assert locked.returncode == 0, locked.stderr
        built = build(service)
        assert built.returncode == 0, built.stderr[-2000:]
        name = package.rpartition("@")[0]
        code = f"import('{name}').then(() => {{ console.log('loads'); process.exit() }})"
        output = client.containers.run(service.tag, ["node", "--eval", code], remove=True, read_only=True)
        assert output == b"loads\n"


@pytest.mark.full
def test_npm_12_leaves_out_scripts_where_the_project_is_not_strict(tmp_path: Path, client: docker.DockerClient) -> None:
    """As in a project whose .npmrc is older: npm itself would succeed."""
    with project_of(tmp_path, client, framework="http") as service:
        use_npm_12(service.project.path)
        npmrc = service.project.path / ".npmrc"
        npmrc.write_text(service.project.read(".npmrc").replace("strict-allow-scripts=true\n", ""), encoding="utf-8")
        assert service.project.make("add", PACKAGE="unix-dgram@2.0.7").returncode == 0
        forget_scripts(service.project)
        refused = build(service)
        assert refused.returncode != 0
        assert {name for name, _, _ in HINT.findall(refused.stdout + refused.stderr)} == {"unix-dgram"}


@pytest.mark.full
def test_npm_s_hint_about_a_local_package(tmp_path: Path, client: docker.DockerClient) -> None:
    """npm knows it by its address only."""
    with project_of(tmp_path, client, framework="http") as service:
        manifest = {"name": "own", "version": "1.0.0", "scripts": {"postinstall": "echo ran > ran.txt"}}
        write(service.project, "local/own/package.json", json.dumps(manifest))
        edit_manifest(service.project, dependencies={"own": "file:./local/own"})
        assert service.project.make("lock").returncode == 0
        assert json.loads(service.project.read("package.json"))["allowScripts"] == {"file:./local/own": True}
        forget_scripts(service.project)
        refused = build(service)
        assert refused.returncode != 0
        [(name, _, line)] = set(HINT.findall(refused.stderr))
        assert name == "own"
        assert '"file:./FOLDER"' in line
        allow_script(service.project, "file:./local/own")
        built = build(service)
        assert built.returncode == 0, built.stderr[-2000:]
        assert "app/local/own/ran.txt" in files_of(client, service.tag)
