"""Puts the host's network back as it was before the private engine: bridges, iptables rules, forwarding."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from engine.machine import Paths
from engine.steps import EngineError, call

# Docker hands these to a build and leaves them out of the image; tools read either case.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
BRIDGE = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}")
# Folders for which the programs take no option. Inside our namespace each is a memory file system.
RUN_FOLDERS = (Path("/run/containerd"), Path("/run/docker"), Path("/run/runc"))


def bridges() -> list[str]:
    """The bridges of Docker engines that exist now."""
    return sorted(name for _, name in socket.if_nameindex() if BRIDGE.fullmatch(name))


def remember(paths: Paths, env: Mapping[str, str]) -> None:
    """Note the state before the engine's start; a note that a killed engine left stays, because it is older."""
    if paths.host.exists():
        return
    policy = re.search(r"-P FORWARD (\w+)", iptables(env, "-S", "FORWARD"))
    note = {
        "bridges": bridges(),
        "forward": FORWARD.read_text().strip(),
        "policy": policy[1] if policy else "ACCEPT",
        "folders": [str(folder) for folder in RUN_FOLDERS if folder.exists()],
    }
    unfinished = paths.host.with_suffix(".new")
    unfinished.write_text(json.dumps(note))
    unfinished.rename(paths.host)


def restore(paths: Paths, env: Mapping[str, str]) -> None:
    """Remove what the engine left in the host's network, unless another engine was there before it."""
    if not paths.host.exists():
        return
    before = json.loads(paths.host.read_text())
    for bridge in set(bridges()) - set(before["bridges"]):
        with suppress(EngineError):
            call(["ip", "link", "delete", bridge], env=env, timeout=10)
    if "docker0" not in before["bridges"]:
        for table in ("filter", "nat", "raw", "mangle"):
            undo = undo_rules(iptables(env, "-S", table=table))
            if undo:
                call(["iptables-restore", "--noflush", "--wait=5"], env=env, stdin=f"*{table}\n{undo}COMMIT\n")
        iptables(env, "-P", "FORWARD", before["policy"])
    FORWARD.write_text(before["forward"])
    for folder in RUN_FOLDERS:
        if str(folder) not in before["folders"]:
            with suppress(OSError):
                folder.rmdir()
    paths.host.unlink()


def iptables(env: Mapping[str, str], *arguments: str, table: str = "filter") -> str:
    """Run iptables on one table; an empty answer where the kernel lacks it."""
    try:
        return call(["iptables", "--wait", "5", "-t", table, *arguments], env=env, timeout=15)
    except EngineError:
        return ""


def undo_rules(rules: str) -> str:
    """Commands for iptables-restore that take Docker's rules and chains out of `iptables -S`."""
    lines = rules.splitlines()
    chains = [line.split()[1] for line in lines if line.startswith("-N DOCKER")]
    undo = [f"-F {chain}" for chain in chains]
    for line in lines:
        words = line.split()
        ours = any(word.startswith("DOCKER") or BRIDGE.fullmatch(word) for word in words[2:])
        if line.startswith("-A") and words[1] not in chains and ours:
            undo.append(f"-D{line[2:]}")
    undo += [f"-X {chain}" for chain in chains]
    return "".join(f"{line}\n" for line in undo)
