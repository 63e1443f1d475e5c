"""Pod Security level "restricted", version v1.34 and later, as a function of a pod.

Source of the rules: https://kubernetes.io/docs/concepts/security/pod-security-standards/ and the checks of the
admission plugin, kubernetes/pod-security-admission, policy/check_*.go. Windows pods are refused altogether.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
# check_restrictedVolumes.go
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
# check_sysctls.go
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
# check_seLinuxOptions.go, check_seccompProfile_restricted.go, check_appArmorProfile.go
SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
SECCOMP = {"RuntimeDefault", "Localhost"}
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def violations(template: Node) -> list[str]:
    """Return every rule that a pod template (`metadata` and `spec`) breaks; an empty list if it is admitted."""
    return [
        *pod_level(template),
        *(broken for c in containers(template["spec"]) for broken in container_level(c, template)),
    ]


def containers(spec: Node) -> Iterator[Node]:
    """Yield every container of a pod, of all three kinds."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(kind, [])


def pod_level(template: Node) -> Iterator[str]:
    """Yield the rules about the pod as a whole that it breaks."""
    spec = template["spec"]
    context = spec.get("securityContext", {})
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            yield f"host namespaces: {name}"
    for volume in spec.get("volumes", []):
        for kind in volume.keys() - {"name"} - VOLUMES:
            yield f"volume types: {volume['name']} is {kind}"
    for sysctl in context.get("sysctls", []):
        if sysctl["name"] not in SYSCTLS:
            yield f"sysctls: {sysctl['name']}"
    for name, value in template.get("metadata", {}).get("annotations", {}).items():
        if name.startswith("container.apparmor.security.beta.kubernetes.io/") and value == "unconfined":
            yield f"AppArmor: {name}"
    yield from either_level(context, "pod")


def either_level(context: Node, where: str) -> Iterator[str]:
    """Yield the rules that a security context of a pod or of a container breaks by what it says."""
    if context.get("runAsNonRoot") is False:
        yield f"running as non-root: {where} says false"
    if context.get("runAsUser") == 0:
        yield f"running as non-root user: {where} says 0"
    if context.get("seccompProfile", {"type": "RuntimeDefault"}).get("type") not in SECCOMP:
        yield f"seccomp: {where} says {context['seccompProfile'].get('type')}"
    if context.get("appArmorProfile", {}).get("type", "RuntimeDefault") not in SECCOMP:
        yield f"AppArmor: {where} says {context['appArmorProfile']['type']}"
    selinux = context.get("seLinuxOptions", {})
    if selinux.get("type", "") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield f"SELinux: {where} says {selinux}"
    if "windowsOptions" in context:
        yield f"HostProcess: {where} is for Windows"


def container_level(container: Node, template: Node) -> Iterator[str]:
    """Yield the rules that one container breaks, alone or because the pod does not say it for all."""
    name, context = container["name"], container.get("securityContext", {})
    pod = template["spec"].get("securityContext", {})
    yield from either_level(context, name)
    if context.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield f"running as non-root: {name} does not say true"
    if "seccompProfile" not in {**pod, **context}:
        yield f"seccomp: {name} has no profile"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"privilege escalation: {name} does not say false"
    if context.get("privileged"):
        yield f"privileged containers: {name}"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield f"capabilities: {name} does not drop ALL"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield f"capabilities: {name} adds {capabilities['add']}"
    if context.get("procMount", "Default") != "Default":
        yield f"/proc mount type: {name}"
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield f"host ports: {name}"
    handlers = [container.get(probe, {}) for probe in PROBES] + list(container.get("lifecycle", {}).values())
    if any(handler.get(kind, {}).get("host") for handler in handlers for kind in ("httpGet", "tcpSocket")):
        yield f"host probes and lifecycle hooks: {name}"
