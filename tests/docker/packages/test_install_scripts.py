"""A package whose install script its manager leaves out stops the build, with a line that says what to write."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from support.running import Service, project_of

HINT = re.compile(r"==> No install script ran for (\S+)\. In (\S+?)[:,] (.*)")
# npm 12 as an owner installs it; the npm of the images runs all scripts and warns.
NPM_12 = """
RUN --mount=type=secret,id=extra_ca \\
    NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca npm install --global npm@12.2.2
"""


def use_npm_12(project: Path) -> None:
    """Install npm 12 in the stage from which all others inherit it."""
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace("WORKDIR /app\n", f"WORKDIR /app\n{NPM_12}", 1), encoding="utf-8")


def allow_by_npm(project: Path, name: str) -> None:
    """Write what npm's hint says."""
    edit_manifest(project, allowScripts={name: True})


def allow_by_pnpm(project: Path, name: str) -> None:
    """Write what pnpm's hint says."""
    settings = project / "pnpm-workspace.yaml"
    text = settings.read_text(encoding="utf-8")
    line = f"  {json.dumps(name)}: true\n"
    # pnpm itself writes the key, with a question for a value, when it is locked.
    text = re.sub(rf"^ +['\"]?{re.escape(name)}['\"]?:.*\n", "", text, flags=re.MULTILINE)
    text = (
        text.replace("allowBuilds:\n", f"allowBuilds:\n{line}")
        if "allowBuilds:" in text
        else text + "allowBuilds:\n" + line
    )
    settings.write_text(text, encoding="utf-8")


def allow_by_yarn(project: Path, name: str) -> None:
    """Write what yarn's hint says."""
    edit_manifest(project, dependenciesMeta={name: {"built": True}})


def edit_manifest(project: Path, **fields: object) -> None:
    """Set fields of package.json."""
    path = project / "package.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}, indent=2), encoding="utf-8")


def build(service: Service) -> subprocess.CompletedProcess[str]:
    """Run `make build`, whether it succeeds or not."""
    return service.project.make("build")


@pytest.mark.full
@pytest.mark.parametrize(
    ("manager", "package", "script", "where", "allow"),
    [
        ("pnpm", "swagger-ui-express@5.0.1", "@scarf/scarf", "pnpm-workspace.yaml", allow_by_pnpm),
        ("yarn", "node-pty@1.1.0", "node-pty", "package.json", allow_by_yarn),
        ("npm", "unix-dgram@2.0.7", "unix-dgram", "package.json", allow_by_npm),
    ],
)
def test_what_the_hint_says_cures_it(
    tmp_path: Path,
    client: docker.DockerClient,
    manager: str,
    package: str,
    script: str,
    where: str,
    allow: Callable[[Path, str], None],
) -> None:
    with project_of(tmp_path, client, framework="http", package_manager=manager) as service:
        if manager == "npm":
            use_npm_12(service.project.path)
        added = service.project.make("add", PACKAGE=package)
        assert added.returncode == 0, added.stderr
        refused = build(service)
        assert refused.returncode != 0, refused.stdout + refused.stderr
        hints = set(HINT.findall(refused.stdout + refused.stderr))
        assert {(name, file) for name, file, _ in hints} == {(script, where)}, refused.stderr[-2000:]
        allow(service.project.path, script)
        locked = service.project.make("lock")
        assert locked.returncode == 0, locked.stderr
        built = build(service)
        assert built.returncode == 0, built.stderr[-2000:]
        name = package.rpartition("@")[0]
        code = f"import('{name}').then(() => {{ console.log('loads'); process.exit() }})"
        output = client.containers.run(service.tag, ["node", "--eval", code], remove=True, read_only=True)
        assert output == b"loads\n"
