"""Dependencies install as their package manager documents it, once, and errors say what helps."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import docker
import pytest

from support.planted import edit_manifest, forget_scripts, plant_packages
from support.running import Service, files_of, project_of

LOAD = """
const names = [(await import('@x/lib')).name, (await import('greeter')).name];
await import('ms');
await import('bullmq');
console.log(...names, globalThis.patched);
"""
MANAGERS = [
    pytest.param("npm", "minimal"),
    pytest.param("pnpm", "slim", marks=pytest.mark.full),
    pytest.param("yarn", "minimal", marks=pytest.mark.full),
]
# A package whose install script nobody allowed, and what each manager wants to be told.
SCRIPTS = {
    "npm": ("node-pty@1.1.0", 'node-pty. In package.json: "allowScripts": { "NAME": true }'),
    "pnpm": ("swagger-ui-express@5.0.1", '@scarf/scarf. In pnpm-workspace.yaml, below allowBuilds: "NAME": true'),
    "yarn": ("node-pty@1.0.0", 'node-pty. In package.json: "dependenciesMeta": { "NAME": { "built": true } }'),
}


def succeeds(service: Service, *targets: str, **variables: str) -> str:
    """Run make; fail the test unless it succeeds; return its output."""
    result = service.project.make(*targets, **variables)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    return output


def hints(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines that a failed build added to an error's own words, once each."""
    return sorted({line.partition("==> ")[2] for line in result.stderr.splitlines() if re.match(r"[#\d. ]*==> ", line)})


def is_cached(output: str, stage: str, script: str) -> bool:
    """Whether a build had the step of a stage that runs a script in its cache."""
    step = re.search(rf"^#(\d+) \[{stage} .*\] RUN .*{re.escape(script)}", output, re.MULTILINE)
    assert step is not None, output
    return f"#{step[1]} CACHED" in output


def installs_nothing(output: str) -> bool:
    """Whether a build had the production dependencies in its cache."""
    return is_cached(output, "prod-deps", "install.sh")


@pytest.mark.parametrize(("manager", "runtime"), MANAGERS)
def test_own_packages_patches_and_hooks(
    client: docker.DockerClient, tmp_path: Path, manager: str, runtime: str
) -> None:
    """Also: addons of musl stay out, and a new version installs nothing."""
    with project_of(tmp_path, client, package_manager=manager, runtime_image=runtime) as service:
        plant_packages(service.project)
        succeeds(service, "lock")
        succeeds(service, "build")
        command = ["node", "--input-type=module", "-e", LOAD]
        output = client.containers.run(service.tag, command, entrypoint="", remove=True, read_only=True)
        assert output.decode().split() == ["@x/lib", "greeter", "true"]
        addons = [path for path in files_of(client, service.tag) if path.endswith(".node")]
        assert addons
        assert not [path for path in addons if "musl" in path]
        edit_manifest(service.project, version="0.1.0-rc.1", description="another")
        assert installs_nothing(succeeds(service, "build", TAG="0.1.0"))
        # npm's project has a script that runs: then any script may be one that it calls.
        edit_manifest(service.project, scripts={"extra": "true"})
        assert installs_nothing(succeeds(service, "build", TAG="0.1.0")) is (manager != "npm")
        # Workspaces, patches and local packages are nothing that production lacks.
        service.project.make("format")
        # yarn locks the content of local packages, and the format is a part of it.
        succeeds(service, "lock")
        tested = service.project.make("test")
        assert "is not in it" not in tested.stderr
        assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_dependency_without_native_code_looks_for_no_libraries(client: docker.DockerClient, tmp_path: Path) -> None:
    with project_of(tmp_path, client, framework="http") as service:
        succeeds(service, "build")
        # `make add` would also install it.
        edit_manifest(service.project, dependencies={"ms": "2.1.3"})
        succeeds(service, "lock")
        output = succeeds(service, "build")
        assert not installs_nothing(output)
        assert is_cached(output, "libraries", "libraries.sh")


@pytest.mark.parametrize("manager", SCRIPTS)
def test_a_script_that_nobody_allowed_stops_the_build(
    client: docker.DockerClient, tmp_path: Path, manager: str
) -> None:
    package, line = SCRIPTS[manager]
    with project_of(tmp_path, client, framework="http", package_manager=manager) as service:
        added = succeeds(service, "add", PACKAGE=package)
        if manager == "npm":
            forget_scripts(service.project)
        result = service.project.make("build")
        assert result.returncode != 0
        (hint,) = hints(result)
        assert hint.startswith(f"No install script is allowed for {line}, or false.")
        assert manager == "npm" or f"==> {hint}\n" in added, "the same words before the build"


def test_a_root_script_names_what_it_lacks(client: docker.DockerClient, tmp_path: Path) -> None:
    with project_of(tmp_path, client, framework="http") as service:
        for script, lacks in (("patch-package", "patch-package"), ("node scripts/set-up.js", "/app/scripts/set-up.js")):
            edit_manifest(service.project, scripts={"postinstall": script})
            result = service.project.make("build")
            assert result.returncode != 0
            (hint,) = hints(result)
            assert hint.startswith(f'"postinstall":"{script}" in package.json needs {lacks}, which ')
        edit_manifest(service.project, scripts={"postinstall": "false"})
        result = service.project.make("build")
        assert result.returncode != 0
        assert "npm error command sh -c false" in result.stderr
        assert hints(result) == []
