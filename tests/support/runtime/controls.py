"""The CIS Docker Benchmark controls that concern an image and a container, and how ours meets each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from support.runtime.facts import Facts, writable

SHELLS = re.compile(r"(^|/)(sh|bash|dash|busybox|apt|apt-get|dpkg|apk|npm|npx|corepack|yarn|pnpm|curl|wget|sshd)$")
SECRET = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|API_?KEY|AUTH", re.IGNORECASE)


@dataclass(frozen=True)
class Control:
    """A control by number and title, what we do about it (as the docs say it), and the check."""

    number: str
    title: str
    here: str
    holds: Callable[[Facts], bool]


# Made by the engine for every container, or mounted over.
ENGINE_OWNED = ("tmp", "dev", "proc", "sys", ".dockerenv")


def changeable(facts: Facts) -> list[str]:
    """Return the files of the image that the service's user could change, except the places made for data."""
    own = {name: member for name, member in facts.files.items() if name.split("/")[0] not in ENGINE_OWNED}
    own.pop("data", None)
    return [name for name, member in own.items() if writable(member)]


CONTROLS = [
    Control(
        "4.1",
        "A user for the container",
        "`USER 1000:1000`, a number that Kubernetes can check; any other uid works too",
        lambda facts: facts.container["Config"]["User"] == "1000:1000" and facts.status["Uid"].split() == ["1000"] * 4,
    ),
    Control(
        "4.3",
        "No unnecessary packages",
        "no shell, no package manager, no download tool in the image",
        lambda facts: not [name for name, m in facts.files.items() if m.isfile() and SHELLS.search(name)],
    ),
    Control(
        "4.6",
        "A HEALTHCHECK instruction",
        "`node …/service/healthcheck.js`, in exec form",
        lambda facts: facts.image["Config"]["Healthcheck"]["Test"][:2] == ["CMD", "node"],
    ),
    Control(
        "4.7",
        "No update instruction alone",
        "no `apt-get update` in the Dockerfile",
        lambda facts: "apt-get" not in facts.dockerfile,
    ),
    Control(
        "4.8",
        "No setuid and setgid files",
        "none in the image",
        lambda facts: not [m.name for m in facts.files.values() if m.isfile() and m.mode & 0o6000],
    ),
    Control(
        "4.9",
        "COPY instead of ADD",
        "only COPY",
        lambda facts: not re.search(r"^ADD ", facts.dockerfile, re.MULTILINE),
    ),
    Control(
        "4.10",
        "No secrets in Dockerfiles",
        "secrets are mounts of one build step; no variable has a secret's name",
        lambda facts: not [name for name in facts.variables if SECRET.search(name)],
    ),
    Control(
        "5.2",
        "An AppArmor profile",
        "the engine's default, not switched off",
        lambda facts: not any("apparmor" in option for option in facts.host["SecurityOpt"]),
    ),
    Control(
        "5.3",
        "SELinux options",
        "the engine's default, not switched off",
        lambda facts: not any("label" in option for option in facts.host["SecurityOpt"]),
    ),
    Control(
        "5.4",
        "Restricted capabilities",
        "all dropped, none added; the kernel shows an empty bounding set",
        lambda facts: (
            facts.host["CapDrop"] == ["ALL"]
            and not facts.host["CapAdd"]
            and {int(facts.status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
        ),
    ),
    Control("5.5", "Not privileged", "`privileged` is false", lambda facts: facts.host["Privileged"] is False),
    Control(
        "5.6",
        "No sensitive directory of the host mounted",
        "nothing of the host is mounted",
        lambda facts: not facts.host["Binds"] and not facts.container["Mounts"],
    ),
    Control(
        "5.7",
        "No sshd",
        "node, under the engine's init",
        lambda facts: [p.split()[0] for p in facts.processes] == ["/sbin/docker-init", "node"],
    ),
    Control(
        "5.8",
        "No privileged port",
        "published from 1024 up",
        lambda facts: all(int(binding["HostPort"]) >= 1024 for binding in facts.published),
    ),
    Control("5.9", "Only needed ports", "one listener, the service's", lambda facts: facts.ports == {facts.port}),
    Control(
        "5.10",
        "Not the host's network",
        "a network of the project's own",
        lambda facts: facts.host["NetworkMode"] != "host",
    ),
    Control(
        "5.11",
        "Limited memory",
        "1 GiB; Node's heap follows it",
        lambda facts: facts.host["Memory"] == 1024**3,
    ),
    Control("5.12", "CPU priority", "at most one processor", lambda facts: facts.host["NanoCpus"] == 10**9),
    Control(
        "5.13",
        "Read-only root file system",
        "`read_only`, a tmpfs at /tmp; no file of the image is writable by the user",
        lambda facts: (
            facts.host["ReadonlyRootfs"] is True and list(facts.host["Tmpfs"]) == ["/tmp"] and not changeable(facts)  # noqa: S108
        ),
    ),
    Control(
        "5.14",
        "Traffic bound to one interface",
        "127.0.0.1, unless `HOST_IP` says otherwise",
        lambda facts: [binding["HostIp"] for binding in facts.published] == ["127.0.0.1"],
    ),
    Control(
        "5.15",
        "Restart `on-failure` at most 5 times",
        "`on-failure:5`",
        lambda facts: facts.host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 5},
    ),
    Control(
        "5.16",
        "Not the host's processes",
        "a process namespace of its own",
        lambda facts: facts.host["PidMode"] == "",
    ),
    Control("5.17", "Not the host's IPC", "private", lambda facts: facts.host["IpcMode"] == "private"),
    Control(
        "5.18",
        "No device of the host",
        "none",
        lambda facts: not facts.host["Devices"] and not facts.host["DeviceRequests"],
    ),
    Control(
        "5.20",
        "No shared mount propagation",
        "no mount that could propagate",
        lambda facts: not [m for m in facts.container["Mounts"] if m.get("Propagation") == "shared"],
    ),
    Control("5.21", "Not the host's UTS namespace", "its own", lambda facts: facts.host["UTSMode"] == ""),
    Control(
        "5.22",
        "The default seccomp profile",
        "the kernel shows a filter",
        lambda facts: facts.status["Seccomp"] == "2",
    ),
    Control(
        "5.23",
        "No privileged `docker exec`",
        "no target of the Makefile does it",
        lambda facts: not re.search(r"exec [^\n]*--privileged", facts.makefile),
    ),
    Control(
        "5.24",
        "No `docker exec` as root",
        "no target of the Makefile does it",
        lambda facts: not re.search(r"exec [^\n]*(--user|-u)", facts.makefile),
    ),
    Control("5.25", "cgroup usage", "the engine's default parent", lambda facts: facts.host["CgroupParent"] == ""),
    Control(
        "5.26",
        "No additional privileges",
        "`no-new-privileges`; the kernel shows it",
        lambda facts: facts.host["SecurityOpt"] == ["no-new-privileges:true"] and facts.status["NoNewPrivs"] == "1",
    ),
    Control(
        "5.27",
        "Health checked at run time",
        "the engine follows it",
        lambda facts: facts.container["State"]["Health"]["Status"] == "healthy",
    ),
    Control(
        "5.28",
        "The latest version of the image",
        "the tag is the package's version, never `latest`",
        lambda facts: (
            not facts.container["Config"]["Image"].endswith(":latest") and ":" in facts.container["Config"]["Image"]
        ),
    ),
    Control("5.29", "A limit of processes", "512", lambda facts: facts.host["PidsLimit"] == 512),
    Control(
        "5.30",
        "Not the default bridge",
        "a network of the project's own",
        lambda facts: (
            facts.host["NetworkMode"] not in ("bridge", "default")
            and "bridge" not in facts.container["NetworkSettings"]["Networks"]
        ),
    ),
    Control(
        "5.31", "Not the host's user namespaces", "the engine's default", lambda facts: facts.host["UsernsMode"] == ""
    ),
    Control(
        "5.32",
        "No Docker socket inside",
        "nothing of the host is mounted",
        lambda facts: (
            not [name for name in facts.files if name.endswith("docker.sock")] and not facts.container["Mounts"]
        ),
    ),
]
# What no template can decide, and whose it is.
YOURS = [
    (
        "4.2",
        "Trusted base images",
        "the official `node` images; `make pin` writes their digests into the Dockerfile",
    ),
    (
        "4.4",
        "Images scanned and rebuilt",
        "`make scan` lists what an update would fix, every week in CI; you rebuild",
    ),
    ("4.5", "Content trust", "your registry; the release jobs of GitHub and GitLab.com sign"),
    (
        "4.11",
        "Verified packages",
        "Debian's and the lockfile's integrity hashes are checked by the build itself",
    ),
    ("4.12", "Signed artifacts validated", "your deployment"),
    ("5.1", "Swarm mode only if needed", "your engine"),
    ("5.19", "Default ulimit", "your engine; the service needs no more than the default"),
]


def table() -> str:
    """Return docs/results/hardening.md."""
    lines = [
        "# Hardening",
        "",
        "What `make run` starts, against the CIS Docker Benchmark 1.6.0, sections 4 and 5. Each row of the",
        "first table is checked on the running container of every framework, with the minimal image: by",
        "`docker inspect`, by the kernel's view in `/proc`, by the exported file system.",
        "`UPDATE_DOCS=1 make test` rewrites this page.",
        "",
        "| CIS | control | here |",
        "| --- | --- | --- |",
        *(f"| {control.number} | {control.title} | {control.here} |" for control in CONTROLS),
        "",
        "Not the template's to decide:",
        "",
        "| CIS | control | whose |",
        "| --- | --- | --- |",
        *(f"| {number} | {title} | {whose} |" for number, title, whose in YOURS),
    ]
    return "\n".join(lines) + "\n"
