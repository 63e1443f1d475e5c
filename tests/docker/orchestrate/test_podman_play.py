"""The production overlay really runs: podman starts its pod, it answers, and a stop lets it finish."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Iterator

import docker
import pytest
import yaml
from docker.models.containers import Container

from loopback import GREETING
from support.baking import ROOT
from support.company.podman_image import FOLDER, QUIET
from support.company.podman_image import IMAGE as PODMAN
from support.machines import build_image, execute, load_image
from support.orchestrate.given_files import AUTHORITY, PRINTED, PROGRAM, SECRET, readme_lines
from support.orchestrate.manifests import add_lines, folder_of, kustomized, pod_template
from support.running import Service, project_of
from support.runtime.containers import INJECTED, preload

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
OVERLAY = ROOT / "tests/support/orchestrate/podman/kustomization.yaml"


@pytest.fixture(scope="module")
def service(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default answers for Kubernetes, built."""
    with project_of(tmp_path_factory.mktemp("podman-play"), client, orchestrator="kubernetes") as found:
        result = found.project.make("build")
        assert result.returncode == 0, result.stderr
        yield found


@pytest.fixture(scope="module")
def machine(client: docker.DockerClient, service: Service) -> Iterator[Container]:
    """A privileged container with podman and the service's image."""
    build_image(PODMAN, FOLDER)
    container = client.containers.run(PODMAN, ["sleep", "infinity"], environment=QUIET, privileged=True, detach=True)
    try:
        load_image(container, "podman", service.tag)
        yield container
    finally:
        container.remove(force=True, v=True)


def test_files_as_the_readme_says(tools: str, machine: Container, service: Service) -> None:
    """Data on a claim, a secret and a CA: the service's user writes the one and reads the others."""
    test_only = service.project.path / folder_of("files")
    shutil.copytree(OVERLAY.parent, test_only)
    objects = kustomized(tools, service.project, folder_of("files"))
    template = pod_template(objects)
    for block in readme_lines(service.project):
        add_lines(template["spec"], yaml.safe_load(block))
    [container] = template["spec"]["containers"]
    container["image"] = f"docker.io/library/{service.tag}"
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    given = [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": claim},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "api"}, "stringData": {"token": SECRET}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ca"}, "data": {"ca.pem": AUTHORITY}},
    ]
    manifest = shlex.quote(yaml.safe_dump_all([*given, *objects]))
    execute(machine, f"printf '%s' {manifest} > /files.yaml; podman kube play /files.yaml 2>&1")
    name = execute(machine, "podman ps --format '{{.Names}}' | grep -- -app").strip()
    printed = execute(machine, f"podman exec {name} node -e {shlex.quote(PROGRAM)}")
    assert printed.split() == PRINTED
    execute(machine, "podman kube down --force /files.yaml 2>&1")


def test_runs_answers_and_drains(tools: str, machine: Container, service: Service) -> None:
    slug = service.project.slug
    test_only = service.project.path / folder_of("test-only")
    test_only.mkdir()
    shutil.copy(OVERLAY, test_only)
    objects = kustomized(tools, service.project, folder_of("test-only"))
    container = pod_template(objects)["spec"]["containers"][0]
    assert "exec" in container["readinessProbe"]
    container["image"] = f"docker.io/library/{service.tag}"
    container["env"].append({"name": "NODE_OPTIONS", "value": preload(INJECTED)})
    manifest = shlex.quote(yaml.safe_dump_all(objects))
    execute(machine, f"printf '%s' {manifest} > /app.yaml; podman kube play --publish 3000:3000 /app.yaml 2>&1")
    name = execute(machine, "podman ps --format '{{.Names}}' | grep -- -app").strip()
    deadline = time.monotonic() + 30
    while "Hello" not in machine.exec_run(["curl", "-s", "http://127.0.0.1:3000/"]).output.decode():  # type: ignore[union-attr]
        assert time.monotonic() < deadline, execute(machine, f"podman logs {name} 2>&1")
        time.sleep(0.3)
    execute(machine, f"podman healthcheck run {name}")
    shape = "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.HostConfig.Memory}} "
    shape += "{{.HostConfig.SecurityOpt}}"
    user, read_only, capabilities, memory, options = execute(
        machine, f"podman inspect {name} --format '{shape}'"
    ).split(" ", 4)
    assert (user, read_only, capabilities, memory) == ("1000:1000", "true", "[]", str(1024**3))
    assert "no-new-privileges" in options
    # One request in flight when the pod is asked to stop, another one during SHUTDOWN_DELAY_MS.
    slow = "curl --silent --include 'http://127.0.0.1:3000/?inject=slow' > /slow & sleep 0.3"
    during = "sleep 1.7; curl --silent --include http://127.0.0.1:3000/ > /during"
    execute(machine, f"{slow}; podman stop --time 15 {name} >/dev/null & {during}; wait")
    for file in ("/slow", "/during"):
        answer = execute(machine, f"cat {file}")
        assert answer.startswith("HTTP/1.1 200"), answer
        assert GREETING in answer
    assert "connection: close" in execute(machine, "cat /during").lower()
    assert execute(machine, f"podman inspect {name} --format '{{{{.State.ExitCode}}}}'").strip() == "0"
    assert '"msg":"stopped"' in execute(machine, f"podman logs {name} 2>&1")
    execute(machine, "podman kube down /app.yaml 2>&1")
    assert slug not in execute(machine, "podman ps --all --format '{{.Names}}'")
