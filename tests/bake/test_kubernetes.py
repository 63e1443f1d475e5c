"""The Kubernetes manifests: valid, admitted by Pod Security "restricted", deadlines that nest, names that agree."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from support.baking import BakedProject, bake
from support.combinations import CHOICES
from support.grace import timeout_of
from support.limits import compose_limits
from support.orchestrate.given_files import readme_lines
from support.orchestrate.manifests import KUBERNETES, OVERLAYS, Node, add_lines, one, pod_template, render
from support.orchestrate.pod_security import violations

KINDS = {"Deployment", "NetworkPolicy", "Service", "ServiceAccount"}
SCALING = {"HorizontalPodAutoscaler", "PodDisruptionBudget"}
overlays = pytest.mark.parametrize("overlay", OVERLAYS)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers on a port of their own."""
    return bake(tmp_path_factory.mktemp("kubernetes"), orchestrator="kubernetes", port="8123")


@overlays
@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_valid(project: BakedProject, overlay: str, version: str) -> None:
    objects = render(project, overlay)
    assert sorted(node["kind"] for node in objects) == sorted(KINDS | (SCALING if overlay == "production" else set()))
    for node in objects:
        kubernetes_validate.validate(node, version, strict=True)


def test_an_unknown_field_is_not_valid(project: BakedProject) -> None:
    node = one(render(project), "Deployment")
    node["spec"]["template"]["spec"]["containers"][0]["lifecycle"]["preStop"] = {"slep": {"seconds": 5}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(node, KUBERNETES[-1], strict=True)


@overlays
@pytest.mark.parametrize("runtime_image", CHOICES["runtime_image"])
def test_pod_security_restricted(tmp_path: Path, runtime_image: str, overlay: str) -> None:
    project = bake(tmp_path, orchestrator="kubernetes", runtime_image=runtime_image)
    template = pod_template(render(project, overlay))
    assert violations(template) == []
    user = re.findall(r"^USER (\d+):(\d+)$", project.read("Dockerfile").rpartition(" AS runtime")[2], re.MULTILINE)
    context = template["spec"]["securityContext"]
    assert [(str(context["runAsUser"]), str(context["runAsGroup"]))] == (user or [("65532", "65532")])


@pytest.mark.parametrize("runtime_image", CHOICES["runtime_image"])
def test_the_readmes_lines_for_files_fit(tmp_path: Path, runtime_image: str) -> None:
    """Data, a secret and a CA together: valid, still admitted, and each volume is mounted once."""
    project = bake(tmp_path, orchestrator="kubernetes", runtime_image=runtime_image)
    deployment = one(render(project), "Deployment")
    template = deployment["spec"]["template"]
    for block in readme_lines(project):
        add_lines(template["spec"], yaml.safe_load(block))
    kubernetes_validate.validate(deployment, KUBERNETES[0], strict=True)
    assert violations(template) == []
    spec = template["spec"]
    assert [volume["name"] for volume in spec["volumes"]] == ["tmp", "data", "api", "ca"]
    [container] = spec["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts == {"tmp": "/tmp", "data": "/data", "api": "/run/secrets/api", "ca": "/run/ca"}  # noqa: S108
    assert spec["securityContext"]["fsGroup"] == spec["securityContext"]["runAsUser"]


def drop(*path: str) -> Callable[[Node], None]:
    """Return what removes a field of the pod's spec."""

    def change(spec: Any) -> None:
        for name in path[:-1]:
            spec = spec[0] if name == "0" else spec[name]
        del spec[path[-1]]

    return change


def put(value: Any, *path: str) -> Callable[[Node], None]:
    """Return what sets a field of the pod's spec."""

    def change(spec: Any) -> None:
        for name in path[:-1]:
            spec = spec[0] if name == "0" else spec.setdefault(name, {})
        spec[path[-1]] = value

    return change


CONTAINER = ("containers", "0", "securityContext")
BROKEN = {
    "running as non-root": drop("securityContext", "runAsNonRoot"),
    "running as non-root user": put(0, "securityContext", "runAsUser"),
    "seccomp": drop("securityContext", "seccompProfile"),
    "seccomp: app": put({"type": "Unconfined"}, *CONTAINER, "seccompProfile"),
    "privilege escalation": drop(*CONTAINER, "allowPrivilegeEscalation"),
    "privileged": put(True, *CONTAINER, "privileged"),
    "capabilities: app does not": put({"drop": ["NET_RAW"]}, *CONTAINER, "capabilities"),
    "capabilities: app adds": put({"drop": ["ALL"], "add": ["SYS_PTRACE"]}, *CONTAINER, "capabilities"),
    "/proc": put("Unmasked", *CONTAINER, "procMount"),
    "SELinux": put({"type": "spc_t"}, *CONTAINER, "seLinuxOptions"),
    "AppArmor": put({"type": "Unconfined"}, *CONTAINER, "appArmorProfile"),
    "host namespaces": put(True, "hostPID"),
    "volume types": put([{"name": "host", "hostPath": {"path": "/"}}], "volumes"),
    "sysctls": put([{"name": "kernel.msgmax", "value": "1"}], "securityContext", "sysctls"),
    "host ports": put([{"containerPort": 80, "hostPort": 80}], "containers", "0", "ports"),
    "host probes": put({"httpGet": {"host": "example.com", "port": 80}}, "containers", "0", "livenessProbe"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_pod_security_notices(project: BakedProject, rule: str) -> None:
    template = copy.deepcopy(pod_template(render(project)))
    BROKEN[rule](template["spec"])
    assert any(found.startswith(rule) for found in violations(template)), violations(template)


def test_replicas_are_the_autoscalers(project: BakedProject) -> None:
    objects = render(project, "production")
    deployment, scaling = one(objects, "Deployment"), one(objects, "HorizontalPodAutoscaler")["spec"]
    assert "replicas" not in deployment["spec"]
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert scaling["scaleTargetRef"] == {
        "apiVersion": deployment["apiVersion"],
        "kind": "Deployment",
        "name": deployment["metadata"]["name"],
    }
    assert 2 <= scaling["minReplicas"] < scaling["maxReplicas"]
    # A share of the requested processor: without a request the autoscaler does nothing.
    assert pod_template(objects)["spec"]["containers"][0]["resources"]["requests"]["cpu"]
    assert one(objects, "PodDisruptionBudget")["spec"]["maxUnavailable"] < scaling["minReplicas"]


def test_names_and_ports_agree(project: BakedProject) -> None:
    objects = render(project, "production")
    pod, policy = pod_template(objects), one(objects, "NetworkPolicy")["spec"]
    labels = pod["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/name": project.slug}
    selectors = [one(objects, "Deployment")["spec"]["selector"]["matchLabels"], policy["podSelector"]["matchLabels"]]
    selectors += [one(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"]]
    selectors += [one(objects, "Service")["spec"]["selector"]]
    selectors += [spread["labelSelector"]["matchLabels"] for spread in pod["spec"]["topologySpreadConstraints"]]
    assert selectors == [labels] * 6
    assert pod["spec"]["serviceAccountName"] == one(objects, "ServiceAccount")["metadata"]["name"]
    assert pod["spec"]["automountServiceAccountToken"] is False
    container = pod["spec"]["containers"][0]
    [port] = container["ports"]
    assert str(port["containerPort"]) == project.answers["port"]
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/readyz",
        "liveness": "/livez",
        "readiness": "/readyz",
    }
    uses = [probe["port"] for probe in probes.values()]
    uses += [one(objects, "Service")["spec"]["ports"][0]["targetPort"], policy["ingress"][0]["ports"][0]["port"]]
    assert uses == [port["name"]] * 5
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert [(p["port"], p["protocol"]) for rule in policy["egress"] for p in rule["ports"]] == [
        (53, "UDP"),
        (53, "TCP"),
    ]


def test_the_same_limits_as_compose(project: BakedProject) -> None:
    limits = compose_limits(project)
    spec = pod_template(render(project))["spec"]
    container = spec["containers"][0]
    [volume] = spec["volumes"]
    assert container["resources"]["limits"] == {
        "memory": limits["memory"].replace("g", "Gi"),
        "cpu": limits["cpus"],
    }
    # Its size is a tmpfs's, so that a full one is an error and no eviction.
    assert volume["emptyDir"] == {"medium": "Memory", "sizeLimit": limits["tmp"].replace("m", "Mi")}
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]  # noqa: S108


def test_node_options_are_the_owners(project: BakedProject) -> None:
    """The heap's share stands in the image's command."""
    assert "NODE_OPTIONS" not in yaml.safe_dump_all(render(project, "production"))


def test_orphans_are_reaped(project: BakedProject) -> None:
    """By the pause process, which is process 1 for all containers of the pod."""
    assert pod_template(render(project))["spec"]["shareProcessNamespace"] is True


def test_names_are_looked_up_in_the_cluster_or_on_the_node(project: BakedProject) -> None:
    """By kube-dns or NodeLocal DNSCache, and nowhere else."""
    [rule] = one(render(project), "NetworkPolicy")["spec"]["egress"]
    system = {"kubernetes.io/metadata.name": "kube-system"}
    assert rule["to"] == [
        {
            "namespaceSelector": {"matchLabels": system},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        },
        {"ipBlock": {"cidr": "169.254.20.10/32"}},
    ]


def test_service_has_the_families_of_the_cluster(project: BakedProject) -> None:
    assert one(render(project), "Service")["spec"]["ipFamilyPolicy"] == "PreferDualStack"


def test_deadlines_nest(project: BakedProject) -> None:
    """The preStop sleep, then the drain and its delay, then the service ends itself, then the kubelet would kill it."""
    spec = pod_template(render(project))["spec"]
    container = spec["containers"][0]
    sleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    delay = int(next(v["value"] for v in container["env"] if v["name"] == "SHUTDOWN_DELAY_MS")) / 1000
    assert sleep > 0
    assert 0 < delay < timeout_of(project) - 2
    assert sleep + timeout_of(project) + 1 <= spec["terminationGracePeriodSeconds"]


def test_only_pods_of_the_cluster_may_ask(project: BakedProject) -> None:
    """Nothing from outside but through an ingress controller, and nothing but the service's port."""
    for rule in one(render(project), "NetworkPolicy")["spec"]["ingress"]:
        assert len(rule["ports"]) == 1
        assert rule["from"]
        assert all("namespaceSelector" in peer for peer in rule["from"])


def test_only_name_servers_are_asked(project: BakedProject) -> None:
    """Not every address on port 53: that would let data out of the cluster through anybody's name server."""
    for rule in one(render(project), "NetworkPolicy")["spec"]["egress"]:
        assert rule["to"]
        for peer in rule["to"]:
            labels = [peer.get(key, {}).get("matchLabels") for key in ("namespaceSelector", "podSelector")]
            assert all(labels) or re.fullmatch(r".*/(32|128)", peer.get("ipBlock", {}).get("cidr", "")), peer


def test_no_pod_gets_a_token(project: BakedProject) -> None:
    objects = render(project)
    assert one(objects, "ServiceAccount")["automountServiceAccountToken"] is False
    assert pod_template(objects)["spec"]["automountServiceAccountToken"] is False


def test_a_pod_is_bounded(project: BakedProject) -> None:
    """In memory and processors as compose.yaml bounds the container, and in what it may keep in /tmp."""
    compose = yaml.safe_load(project.read("compose.yaml"))["services"]["app"]
    spec = pod_template(render(project))["spec"]
    limits = spec["containers"][0]["resources"]["limits"]
    assert float(limits["cpu"]) == float(re.sub(r"[^\d.]", "", str(compose["cpus"])))
    assert all(volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if "emptyDir" in volume)


def test_a_container_is_as_hard_as_in_compose(project: BakedProject) -> None:
    compose = yaml.safe_load(project.read("compose.yaml"))["services"]["app"]
    container = pod_template(render(project))["spec"]["containers"][0]["securityContext"]
    assert container["readOnlyRootFilesystem"] is compose["read_only"] is True
    assert container["capabilities"]["drop"] == compose["cap_drop"] == ["ALL"]


def test_a_rollout_is_patient_with_a_start_and_not_with_a_failure(project: BakedProject) -> None:
    """A slow start is not killed; a pod that fails soon after its start stops the roll-out before the deadline."""
    spec = one(render(project), "Deployment")["spec"]
    startup = spec["template"]["spec"]["containers"][0]["startupProbe"]
    allowed = startup["periodSeconds"] * startup["failureThreshold"]
    assert 20 <= allowed < spec["progressDeadlineSeconds"]
    assert 5 <= spec["minReadySeconds"] < spec["progressDeadlineSeconds"] - allowed


def test_a_pod_that_does_not_work_keeps_no_node_from_being_emptied(project: BakedProject) -> None:
    budget = one(render(project, "production"), "PodDisruptionBudget")["spec"]
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
