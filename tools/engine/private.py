"""A Docker engine of our own from unpacked packages: start, share, stop, and recover after a kill.

dockerd and all that it starts live in a PID and a mount namespace of their own whose first process is
tini: when dockerd dies, by whatever signal, the kernel ends every container and takes down every mount.
What is left then is the host's network, which `network` puts back.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from engine import network, packages
from engine.locks import Lock
from engine.machine import Paths
from engine.steps import EngineError, call, say, step

START_LIMIT = 60.0  # seconds; it takes under 5
STOP_LIMIT = 20.0
# Kept of earlier runs; one run of `make test` adds about 5 GB.
BUILD_CACHE = os.environ.get("NODE_MULTI_STAGE_BUILD_CACHE", "10GB")
# Megabytes of BuildKit's records beyond which all of them go. Pruning leaves in them which step began from which, and
# for the history of each build all that began from the same image is walked through: with 200 MB a build of half a
# second took nine. One run of `make test` leaves 8.
BUILD_RECORDS_MB = float(os.environ.get("NODE_MULTI_STAGE_BUILD_RECORDS_MB", "20"))
PRUNE_LIMIT = 300.0
MACHINE_LIMIT = 4800.0  # seconds to wait for an engine of another cache; longer than CI gives `make test`: 75 minutes
PROGRAMS = ("unshare", "tini-static", "dockerd", "containerd", "containerd-shim-runc-v2", "docker-proxy")
# The settings of the machine's own engine that say how to reach registries and the network.
KEPT_SETTINGS = ("registry-mirrors", "insecure-registries", "dns", "bip", "default-address-pools", "proxies")


def is_answering(paths: Paths, timeout: float = 5.0) -> bool:
    """Whether a dockerd answers on our socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(paths.socket))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
        except OSError:
            return False


def is_alive(paths: Paths) -> bool:
    """Whether the engine answers, or comes to answer while its process exists: a busy machine is slow."""
    deadline = time.monotonic() + START_LIMIT
    while not is_answering(paths):
        if not processes(paths) or time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def processes(paths: Paths) -> list[int]:
    """PIDs of the engine that belongs to these paths, read from the process table.

    A PID file may name a process that has nothing to do with us; a command line cannot.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            values = [word.rpartition("=")[2] for word in words]
            ours = any(value == str(paths.data) or value.startswith(f"{paths.exec}/") for value in values)
            if ours and Path(words[0]).name in PROGRAMS:
                found.append(int(entry.name))
    return sorted(found)


def machine_lock() -> Lock:
    """The lock of which one machine has one: two private engines would fight about bridge and iptables."""
    folder = Path("/run/lock")
    return Lock((folder if folder.is_dir() else Path("/tmp")) / "node-multi-stage-engine.lock")  # noqa: S108


def start(paths: Paths) -> None:
    """Start the engine of these paths after cleaning up what a killed one left.

    The caller holds the `start` lock.

    Raises:
        EngineError: no packages, no suitable file system, another engine's turn, or dockerd gave up.
    """
    env = packages.run_env(paths)
    check_file_system(paths)
    kill(paths)
    lock = machine_lock()
    try:
        lock.wait_exclusive(MACHINE_LIMIT, lambda: f"another private engine on this machine ({lock.read()})")
        lock.write(f"cache {paths.base}")
        recover(paths)
        network.remember(paths, env)
        with step("started a private Docker engine"):
            launch(paths, env, lock)
    finally:
        lock.close()


def launch(paths: Paths, env: dict[str, str], lock: Lock) -> None:
    """Start dockerd and wait until it answers; it inherits the machine-wide lock and holds it to its end."""
    paths.data.mkdir(parents=True, exist_ok=True)
    paths.exec.mkdir(parents=True, mode=0o700)
    settings = paths.base / "daemon.json"
    settings.write_text(json.dumps(machine_settings()))
    namespace = ["unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--mount-proc"]
    daemon = {
        "config-file": settings,
        "data-root": paths.data,
        "exec-root": paths.exec,
        "pidfile": paths.exec / "docker.pid",
        "host": f"unix://{paths.socket}",
        "storage-driver": "overlay2",
        "mtu": uplink_mtu(),
        "exec-opt": "native.cgroupdriver=cgroupfs",
        "cgroup-parent": f"/{paths.name}",
        "userland-proxy-path": packages.program(paths, "docker-proxy"),
    }
    folders = " ".join(map(str, network.RUN_FOLDERS))
    hide = f'for folder in {folders}; do mkdir -p $folder && mount -t tmpfs tmpfs $folder; done && exec "$@"'
    command = [*namespace, "sh", "-ec", hide, "sh", packages.program(paths, "tini-static"), "--"]
    command += [packages.program(paths, "dockerd")]
    command += [f"--{name}={value}" for name, value in daemon.items()]
    with paths.log.open("w") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C is for us, and others may still use the engine
            pass_fds=(lock.fd,),
            cwd="/",
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while not is_answering(paths):
            if process.poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"the private engine did not start: {last_error(paths.log)} (see {paths.log})")
            time.sleep(0.05)
    except BaseException:
        kill(paths)
        network.restore(paths, env)
        raise


def stop(paths: Paths) -> None:
    """Stop the engine and put the host back as it was; images and build cache stay in the data root.

    The caller holds the `start` lock and knows that nobody else uses the engine.
    """
    env = packages.run_env(paths)
    if is_answering(paths):
        remove_containers(paths)
    running = processes(paths)
    for pid in running:
        with suppress(OSError):
            if Path(f"/proc/{pid}/exe").readlink().name == "dockerd":
                os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT
    while processes(paths) and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(paths)
    recover(paths)
    network.restore(paths, env)
    if running:
        say("stopped the private Docker engine")


def remove_containers(paths: Paths) -> None:
    """Remove every container of the private engine, at a moment when nobody uses it."""
    docker: list[str | Path] = [paths.bin / "docker", "--host", f"unix://{paths.socket}"]
    try:
        left = call([*docker, "ps", "--all", "--quiet"], timeout=10).split()
        if left:
            call([*docker, "rm", "--force", "--volumes", *left], timeout=30)
            say(f"removed {len(left)} containers that were left behind")
    except EngineError as error:
        say(f"not removed: {error}")


def prune_builds(paths: Paths) -> None:
    """Forget the oldest build steps beyond BUILD_CACHE, or all of them when their records are beyond BUILD_RECORDS_MB.

    The caller has just started the engine, and holds the `start` lock.

    Raises:
        EngineError: the engine did not start again.
    """
    folder = paths.data / "buildkit"
    records = folder / "cache.db"
    is_large = records.is_file() and records.stat().st_size > BUILD_RECORDS_MB * 1e6
    docker: list[str | Path] = [paths.bin / "docker", "--host", f"unix://{paths.socket}"]
    kept = ["--all"] if is_large else [f"--keep-storage={BUILD_CACHE}"]
    try:
        size = call([*docker, "builder", "prune", "--force", *kept], timeout=PRUNE_LIMIT).split()[-1]
        if size != "0B":
            say(f"forgot {size} of old build steps")
    except EngineError as error:
        say(f"not removed: {error}")
    if is_large:
        stop(paths)
        shutil.rmtree(folder)
        start(paths)


def kill(paths: Paths) -> None:
    """End whatever is left of this engine, at once."""
    deadline = time.monotonic() + STOP_LIMIT
    while found := processes(paths):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise EngineError(f"processes of an earlier engine do not end: {found}")
        time.sleep(0.05)


def recover(paths: Paths) -> None:
    """Clear what dead engines leave in the file system: mounts, sockets, PID files, control groups."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4] for line in mounts]
    for point in sorted(points, reverse=True):
        if point.startswith((f"{paths.data}/", f"{paths.exec}/")):
            call(["umount", "--lazy", point], timeout=20)
    shutil.rmtree(paths.exec, ignore_errors=True)
    paths.socket.unlink(missing_ok=True)
    if paths.run != paths.base:
        shutil.rmtree(paths.run, ignore_errors=True)
    for parent in Path("/sys/fs/cgroup").glob(f"**/{paths.name}"):
        for group in sorted(parent.glob("**/"), reverse=True):
            with suppress(OSError):
                group.rmdir()


def check_file_system(paths: Paths) -> None:
    """Refuse a cache folder on which overlay2 cannot work, or which lies in memory."""
    kind = call(["stat", "--file-system", "--format=%T", paths.base]).strip()
    if kind in ("overlayfs", "tmpfs", "nfs", "ecryptfs", "fuseblk", "v9fs"):
        raise EngineError(f"{paths.base} is on {kind}: set XDG_CACHE_HOME to a folder on a local disk")


def machine_settings() -> dict[str, object]:
    """Those settings of the machine's own engine that concern how the outside is reached."""
    try:
        settings = json.loads(Path("/etc/docker/daemon.json").read_text())
    except (OSError, ValueError):
        return {}
    return {key: settings[key] for key in KEPT_SETTINGS if key in settings}


def uplink_mtu() -> int:
    """MTU of the interface with the default route: larger packets from containers would get lost."""
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        name, destination = line.split()[:2]
        if destination == "00000000":
            return min(1500, int(Path(f"/sys/class/net/{name}/mtu").read_text()))
    return 1500


def last_error(log: Path) -> str:
    """The last line of dockerd's log."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "no output"
