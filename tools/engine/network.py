"""Puts the host's network back as it was before the private engine: bridges, iptables rules, forwarding."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from engine.machine import Paths
from engine.steps import EngineError, call, say

# Docker hands these to a build and leaves them out of the image; tools read either case.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
# The last line of iptables, legacy or nft, where the kernel has no such table, none at all, or one that is not for it.
KERNEL_LACKS_IT = re.compile(
    r"can't initialize iptables table|does not exist|your kernel needs to be upgraded|is incompatible"
    r"|(Protocol|Operation) not supported"
)
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
    note = {
        "bridges": bridges(),
        "forward": FORWARD.read_text().strip(),
        "policy": forward_policy(env),
        "folders": [str(folder) for folder in RUN_FOLDERS if folder.exists()],
    }
    unfinished = paths.host.with_suffix(".new")
    unfinished.write_text(json.dumps(note))
    unfinished.rename(paths.host)


def forward_policy(env: Mapping[str, str]) -> str | None:
    """What the host does with packets that it forwards and no rule is about; None if that cannot be read."""
    try:
        found = re.search(r"-P FORWARD (\w+)", iptables(env, "-S", "FORWARD"))
    except EngineError as error:
        say(f"the policy of the host's firewall cannot be read, and will be left as the engine sets it: {error}")
        return None
    return found[1] if found else None


def restore(paths: Paths, env: Mapping[str, str]) -> None:
    """Remove what the engine left in the host's network, unless another engine was there before it.

    A step that fails is told, and the others follow; the note then stays for the next stop.
    """
    if not paths.host.exists():
        return
    before = json.loads(paths.host.read_text())
    steps: list[Callable[[], object]] = [
        partial(delete_bridge, env, bridge) for bridge in bridges() if bridge not in before["bridges"]
    ]
    if "docker0" not in before["bridges"]:
        steps += [partial(take_rules_out, env, table) for table in ("filter", "nat", "raw", "mangle")]
        if before["policy"] is not None:
            steps.append(partial(iptables, env, "-P", "FORWARD", before["policy"]))
    steps.append(partial(set_forwarding, before["forward"]))
    steps += [partial(remove_if_empty, folder) for folder in RUN_FOLDERS if str(folder) not in before["folders"]]
    done = [succeeds(step) for step in steps]
    if all(done):
        paths.host.unlink()


def succeeds(step: Callable[[], object]) -> bool:
    """Do one step of putting the host back; say so if it fails."""
    try:
        step()
    except (EngineError, OSError) as error:
        say(f"the host's network is not as it was: {error}")
        return False
    return True


def delete_bridge(env: Mapping[str, str], bridge: str) -> None:
    """Delete a bridge; raises EngineError if that fails."""
    call(["ip", "link", "delete", bridge], env=env, timeout=10)


def take_rules_out(env: Mapping[str, str], table: str) -> None:
    """Take Docker's rules and chains out of a table; raises EngineError if that fails."""
    undo = undo_rules(iptables(env, "-S", table=table))
    if undo:
        call(["iptables-restore", "--noflush", "--wait=5"], env=env, stdin=f"*{table}\n{undo}COMMIT\n")


def set_forwarding(value: str) -> None:
    """Have the kernel forward packets or not; raises OSError where that must not be written and is otherwise."""
    if FORWARD.read_text().strip() != value:
        FORWARD.write_text(value)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder unless somebody has something in it; raises OSError if that fails."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def iptables(env: Mapping[str, str], *arguments: str, table: str = "filter") -> str:
    """Run iptables on one table; an empty answer where the kernel lacks it.

    Raises:
        EngineError: iptables failed for another reason.
    """
    try:
        return call(["iptables", "--wait", "5", "-t", table, *arguments], env=env, timeout=15)
    except EngineError as error:
        if KERNEL_LACKS_IT.search(str(error)):
            return ""
        raise


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
