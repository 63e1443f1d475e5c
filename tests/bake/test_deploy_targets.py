"""The make targets of an orchestrator: listed, aligned, clear about what is missing; what they ask of Kubernetes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from support.baking import NEEDS_MAKE, BakedProject, bake
from support.combinations import CHOICES
from support.orchestrate.manifests import pod_template, render

TARGETS = ("deploy", "status", "rollback", "undeploy")
ORCHESTRATORS = {"kubernetes": "No Kubernetes cluster answers:", "swarm": "This engine manages no swarm."}


@pytest.fixture(scope="module", params=ORCHESTRATORS)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers for each orchestrator."""
    return bake(tmp_path_factory.mktemp("deploy"), orchestrator=request.param)


def test_every_orchestrator_is_here() -> None:
    assert {"none", *ORCHESTRATORS} == set(CHOICES["orchestrator"])


@NEEDS_MAKE
def test_help_lists_them_in_its_columns(project: BakedProject) -> None:
    rows = [line for line in project.make("help").stdout.splitlines() if line.startswith("  make")]
    assert set(TARGETS) <= {row.split()[1] for row in rows}
    assert len({row.index(row.split(None, 2)[2]) for row in rows}) == 1
    assert max(map(len, rows)) <= 100


def test_none_has_none_of_it(tmp_path: Path) -> None:
    project = bake(tmp_path)
    assert not [path for path in project.files if path.startswith("deploy")]
    assert not any(target in project.read("Makefile") for target in ("deploy:", "rollback:", "undeploy:", "status:"))


@pytest.mark.parametrize("target", TARGETS)
@NEEDS_MAKE
def test_one_line_when_nothing_is_configured(project: BakedProject, tmp_path: Path, target: str) -> None:
    """Said before anything is built or pushed, and with what helps."""
    environment = {
        **os.environ,
        "KUBECONFIG": str(tmp_path / "none"),
        "KUBECTL": "false",
        "DOCKER_HOST": f"unix://{tmp_path}/none",
    }
    result = subprocess.run(
        ["make", target, "IMAGE=registry.example.com/team/app"],
        cwd=project.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert result.stdout == ""
    said = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1, result.stderr
    assert said[0].startswith(ORCHESTRATORS[project.answers["orchestrator"]])


RELEASE = f"registry.example.com/team/app@sha256:{'a' * 64}"
# Records every call, and what comes on stdin; version 2 runs, and the next one is 3. The real kustomize is compared in
# tests/docker/orchestrate.
KUBECTL = """#!/bin/sh
printf '%s\\n' "$*" >> calls
# Where it is asked in a namespace.
[ "$1" != --namespace ] || shift 2
case $1 in
  kustomize) cat rendered.yaml ;;
  apply)
    cat > "applied-$(wc -l < calls | tr -d ' ')"
    [ -e unchanged ] || echo 3 > revision ;;
  get)
    case $2 in
      deployment) cat revision ;;
      replicasets) printf '%s\\n' '2 app-b' '3 app-c' '1 app-a' ;;
    esac ;;
  rollout) [ "$2" != status ] || [ ! -e broken ] ;;
esac
"""
# An engine that has pushed the image, once under another name.
DOCKER = f"""#!/bin/sh
case "$*" in
  version*) echo 26.1.5 ;;
  'compose version'*) echo 2.40.0 ;;
  *Config.Labels*) exit 1 ;;
  *RepoDigests*) printf '%s\\n' other.example.com/app@sha256:b {RELEASE} ;;
esac
"""


REVISION = "get deployment node-multi-stage-app --ignore-not-found --output"
REVISION += r" jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}"


def deploy(folder: Path, *files: str, before: str = "2") -> tuple[BakedProject, subprocess.CompletedProcess[str]]:
    """Bake, and run `make deploy` against the fakes, which go by these files and by the version that ran before."""
    project = bake(folder, orchestrator="kubernetes")
    (project.path / "rendered.yaml").write_text(yaml.safe_dump_all(render(project, "production")))
    (project.path / "revision").write_text(before)
    for file in files:
        (project.path / file).touch()
    for name, text in (("kubectl", KUBECTL), ("docker", DOCKER)):
        (project.path / name).write_text(text)
        (project.path / name).chmod(0o755)
    image = RELEASE.partition("@")[0]
    return project, project.make("deploy", IMAGE=image, KUBECTL="./kubectl", DOCKER="./docker")


@NEEDS_MAKE
def test_kubernetes_gets_the_digest_after_a_dry_run(tmp_path: Path) -> None:
    project, result = deploy(tmp_path)
    assert result.returncode == 0, result.stderr
    assert project.read("calls").splitlines() == [
        "version --request-timeout 10s",
        "kustomize deploy/kubernetes/overlays/production",
        REVISION,
        "apply --filename - --dry-run=server",
        "apply --filename -",
        f"rollout status deployment/{project.slug}",
    ]
    assert project.read("applied-4") == project.read("applied-5")
    template = pod_template(list(yaml.safe_load_all(project.read("applied-5"))))
    assert template["spec"]["containers"][0]["image"] == RELEASE


@NEEDS_MAKE
def test_a_version_that_is_not_ready_is_rolled_back(tmp_path: Path) -> None:
    """And removed, or `make rollback` would take it for the previous version."""
    project, result = deploy(tmp_path, "broken")
    assert result.returncode != 0
    assert "does not become ready" in result.stderr
    *_, undo, versions, delete = project.read("calls").splitlines()
    assert undo == f"rollout undo deployment/{project.slug} --to-revision=2"
    assert versions.startswith(f"get replicasets --selector app.kubernetes.io/name={project.slug} ")
    assert delete == "delete replicaset app-c"


@NEEDS_MAKE
@pytest.mark.parametrize(("files", "before"), [(("broken", "unchanged"), "2"), (("broken",), "")])
def test_what_ran_before_is_not_left_for_an_older_version(tmp_path: Path, files: tuple[str, ...], before: str) -> None:
    """Where nothing new was rolled out, or nothing ran before."""
    project, result = deploy(tmp_path, *files, before=before)
    assert result.returncode != 0
    assert "rollout undo" not in project.read("calls")


def asked_of_kubectl(folder: Path, target: str, **variables: str) -> list[str]:
    """Bake, run a target against the fake, and return what it asked after whether a cluster answers."""
    project = bake(folder, orchestrator="kubernetes")
    (project.path / "kubectl").write_text(KUBECTL)
    (project.path / "kubectl").chmod(0o755)
    (project.path / "revision").write_text("2")
    result = project.make(target, KUBECTL="./kubectl", **variables)
    assert result.returncode == 0, result.stderr
    first, *calls = project.read("calls").splitlines()
    assert first.startswith("version ")
    return calls


@NEEDS_MAKE
def test_kubernetes_rollback_goes_back_and_waits(tmp_path: Path) -> None:
    assert asked_of_kubectl(tmp_path, "rollback") == [
        REVISION,
        "rollout undo deployment/node-multi-stage-app",
        "rollout status deployment/node-multi-stage-app",
    ]


@NEEDS_MAKE
@pytest.mark.parametrize("overlay", ["production", "dev"])
def test_kubernetes_undeploy_removes_what_was_deployed(tmp_path: Path, overlay: str) -> None:
    variables = {} if overlay == "production" else {"OVERLAY": overlay}
    assert asked_of_kubectl(tmp_path, "undeploy", **variables) == [
        f"delete --ignore-not-found --kustomize deploy/kubernetes/overlays/{overlay}"
    ]


@NEEDS_MAKE
@pytest.mark.parametrize("folder", ["overlays/dev", "base"])
def test_kubernetes_looks_in_the_namespace_that_an_overlay_names(tmp_path: Path, folder: str) -> None:
    """What is applied there is also waited for there, and not for a service of this name elsewhere."""
    project = bake(tmp_path, orchestrator="kubernetes")
    file = project.path / "deploy" / "kubernetes" / folder / "kustomization.yaml"
    file.write_text(f'{file.read_text()}namespace: "staging" # ours\n')
    (project.path / "kubectl").write_text(KUBECTL)
    (project.path / "kubectl").chmod(0o755)
    (project.path / "revision").write_text("2")
    for target in ("rollback", "status", "undeploy"):
        assert project.make(target, KUBECTL="./kubectl", OVERLAY="dev").returncode == 0
    calls = [call for call in project.read("calls").splitlines() if not call.startswith("version")]
    assert len(calls) == 5
    assert all(call.startswith("--namespace staging ") for call in calls), calls


@NEEDS_MAKE
def test_kubernetes_status_shows_this_service_only(tmp_path: Path) -> None:
    [asked] = asked_of_kubectl(tmp_path, "status")
    assert asked.startswith("get ")
    assert "--selector app.kubernetes.io/name=node-multi-stage-app" in asked


# An engine and a cluster that record what is asked, in order; the Job ends as the file `ended` says.
CLUSTER = KUBECTL.replace(
    "    case $2 in",
    "    case $2 in\n      secret) exit $(cat missing 2>/dev/null || echo 0) ;;\n      job/*) cat ended ;;",
)


def deploy_with_a_database(
    folder: Path, ended: str, missing: int = 0
) -> tuple[BakedProject, subprocess.CompletedProcess[str]]:
    """Bake with Postgres, and run `make deploy` against the fakes."""
    project = bake(folder, orchestrator="kubernetes", database="postgres")
    (project.path / "rendered.yaml").write_text(yaml.safe_dump_all(render(project, "production")))
    (project.path / "ended").write_text(ended)
    (project.path / "missing").write_text(str(missing))
    (project.path / "revision").write_text("2")
    for name, text in (("kubectl", CLUSTER), ("docker", DOCKER)):
        (project.path / name).write_text(text)
        (project.path / name).chmod(0o755)
    image = RELEASE.partition("@")[0]
    return project, project.make("deploy", IMAGE=image, KUBECTL="./kubectl", DOCKER="./docker")


@NEEDS_MAKE
def test_kubernetes_migrates_before_it_rolls_out(tmp_path: Path) -> None:
    """By a Job with the image by digest; the Deployment comes when that has succeeded."""
    project, result = deploy_with_a_database(tmp_path, "SuccessCriteriaMet Complete")
    assert result.returncode == 0, result.stderr
    job = f"job/{project.slug}-migrate"
    assert project.read("calls").splitlines()[1:] == [
        f"get secret {project.slug}-database",
        "kustomize deploy/kubernetes/overlays/production",
        REVISION,
        f"delete --ignore-not-found {job}",
        "apply --filename - --dry-run=server",
        "apply --filename - --selector app.kubernetes.io/component!=server",
        f"get {job} --output jsonpath={{.status.conditions[*].type}}",
        f"logs {job}",
        "apply --filename -",
        f"rollout status deployment/{project.slug}",
    ]
    objects = {node["kind"]: node for node in yaml.safe_load_all(project.read("applied-10"))}
    assert objects["Deployment"]["metadata"]["labels"]["app.kubernetes.io/component"] == "server"
    others = {node["kind"] for node in objects.values() if "component" not in str(node["metadata"].get("labels"))}
    assert {"Job", "ServiceAccount", "NetworkPolicy"} <= others
    images = [objects[kind]["spec"]["template"]["spec"]["containers"][0]["image"] for kind in ("Job", "Deployment")]
    assert images == [RELEASE, RELEASE]


@NEEDS_MAKE
def test_kubernetes_rolls_nothing_out_after_a_migration_that_failed(tmp_path: Path) -> None:
    project, result = deploy_with_a_database(tmp_path, "FailureTarget Failed")
    assert result.returncode != 0
    assert "The migration failed: nothing was rolled out" in result.stderr
    calls = project.read("calls").splitlines()
    assert calls[-1] == f"logs job/{project.slug}-migrate"
    assert "rollout" not in " ".join(calls)


@NEEDS_MAKE
def test_kubernetes_without_the_secret_is_one_line(tmp_path: Path) -> None:
    project, result = deploy_with_a_database(tmp_path, "Complete", missing=1)
    assert result.returncode != 0
    said = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert said == [f"The cluster has no secret {project.slug}-database: README.md says how to create it"]
    assert "kustomize" not in project.read("calls")
