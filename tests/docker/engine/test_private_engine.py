"""A real private engine, beside everybody else's: shared, interrupted, killed, waited for, cleaned up.

It runs in a network and mount namespace, so that neither the host's bridge and iptables nor the
machine-wide lock are those of the engine that the other tests use.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine import machine, packages, private
from engine.machine import Paths
from support.baking import ROOT

REFUSAL = machine.refusal(machine.os_release(), os.geteuid())
# CI must have one: there a refusal is a failure.
pytestmark = pytest.mark.skipif(
    REFUSAL is not None and "CI" not in os.environ, reason=f"no private engine here: {REFUSAL}"
)
TOOLS = ROOT / "tools"


class Place:
    """A namespace and cache folders in it."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.folder = folder
        self.inside = ["nsenter", f"--target={pid}", "--net", "--mount", "--"]
        self.started: list[subprocess.Popen[str]] = []

    def paths(self, cache: str = "a") -> Paths:
        """The paths of one of the place's caches; its packages are the real cache's, by hard links."""
        paths = Paths(self.folder / cache / "node-multi-stage" / "engine")
        if not paths.base.exists():
            paths.base.mkdir(parents=True)
            shutil.copytree(machine.paths().root, paths.root, symlinks=True, copy_function=os.link)
        return paths

    def engine(self, *arguments: str, cache: str = "a") -> subprocess.Popen[str]:
        """Start `python -m engine` with these arguments."""
        self.paths(cache)
        env = {
            **os.environ,
            "PYTHONPATH": str(TOOLS),
            "XDG_CACHE_HOME": str(self.folder / cache),
            "DOCKER_HOST": f"unix://{self.folder}/none.sock",
        }
        command = [*self.inside, sys.executable, "-m", "engine", *arguments]
        process = subprocess.Popen(command, env=env, text=True, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def run(self, script: str, cache: str = "a") -> subprocess.Popen[str]:
        """Start `run` with a shell script."""
        return self.engine("run", "--images", "", "--", "sh", "-ec", script, cache=cache)

    def host(self, *command: str) -> str:
        """Output of a command in the namespace, with the unpacked tools."""
        env = packages.run_env(self.paths())
        done = subprocess.run([*self.inside, *command], env=env, capture_output=True, text=True, check=True)
        return done.stdout

    def network(self) -> tuple[str, ...]:
        """What an engine changes in the host's network."""
        rules = [self.host("iptables", "-t", table, "-S") for table in ("filter", "nat")]
        return *rules, self.host("ip", "-br", "link"), self.host("cat", "/proc/sys/net/ipv4/ip_forward")


@pytest.fixture
def place() -> Iterator[Place]:
    assert REFUSAL is None, REFUSAL
    if not machine.paths().root.is_dir():
        packages.ensure(machine.paths())
    folder = machine.cache() / f"test-{os.getpid()}"
    folder.mkdir(parents=True)
    # Forwarding off, as on a machine on which no engine has run yet.
    setup = "mount -t tmpfs tmpfs /run/lock && echo 0 > /proc/sys/net/ipv4/ip_forward && echo ready && "
    setup += "exec sleep 900"
    namespace = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-ec", setup]
    holder = subprocess.Popen(namespace, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    it = Place(folder, holder.pid)
    it.network()  # iptables makes its tables on first use
    try:
        yield it
    finally:
        for process in it.started:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()
        for cache in folder.iterdir():
            if cache.is_dir():
                private.kill(it.paths(cache.name))
        holder.kill()
        holder.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def container(place: Place) -> str:
    """Shell commands that start a container which sleeps, from an image made of this machine's `sleep`."""
    sleep = Path(shutil.which("sleep") or "/bin/sleep")
    libraries = re.findall(r"(/\S+)", subprocess.check_output(["ldd", sleep], text=True))
    with tarfile.open(place.folder / "image.tar", "w") as tar:
        for path in [sleep, *map(Path, libraries)]:
            entry = tarfile.TarInfo("sleep" if path == sleep else str(path).lstrip("/"))
            content = path.read_bytes()
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    load = f"docker import {place.folder}/image.tar sleeper >/dev/null"
    return f"{load}; docker run --detach --name left sleeper /sleep 900 >/dev/null"


def until(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until `condition` holds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit status and stderr of a run that is about to end."""
    _, err = process.communicate(timeout=120)
    return process.returncode, err


def test_two_runs_share_an_engine_and_the_last_one_puts_the_host_back(place: Place) -> None:
    before = place.network()
    flags = {name: place.folder / name for name in ("first", "second")}
    script = "docker version >/dev/null; docker buildx version >/dev/null; docker compose version >/dev/null; "
    runs = {
        name: place.run(f"{script} touch {flag}; while [ -e {flag} ]; do sleep 0.1; done")
        for name, flag in flags.items()
    }
    until(lambda: all(flag.exists() for flag in flags.values()))
    assert place.network() != before
    refused, err = end(place.engine("clean"))
    assert refused == 1
    assert "in use; nothing was removed" in err
    flags["first"].unlink()
    code, first = end(runs["first"])
    assert code == 0
    assert private.is_answering(place.paths())
    flags["second"].unlink()
    code, second = end(runs["second"])
    assert code == 0
    assert ("stopped" in first, "stopped" in second) == (False, True)
    assert (first + second).count("started a private Docker engine") == 1
    assert private.processes(place.paths()) == []
    assert place.network() == before
    assert end(place.engine("clean"))[0] == 0
    assert list((place.folder / "a").iterdir()) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_container_and_no_daemon(
    place: Place, container: str, signum: signal.Signals
) -> None:
    before = place.network()
    mark = place.folder / "mark"
    run = place.run(f"{container}; echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 900")
    until(mark.exists)
    run.send_signal(signum)
    code, err = end(run)
    assert code == 128 + signum
    assert "removed 1 containers" in err
    assert not Path(f"/proc/{mark.read_text().strip()}").exists()
    assert private.processes(place.paths()) == []
    assert place.network() == before


def test_old_build_steps_are_forgotten_by_the_next_run(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    context = place.folder / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY big /\n")
    (context / "big").write_bytes(os.urandom(5_000_000))
    build = f"docker build --quiet --output=type=cacheonly {context}"
    assert end(place.run(build))[0] == 0
    code, kept = end(place.run("true"))
    assert (code, "forgot" in kept) == (0, False), kept
    monkeypatch.setenv("NODE_MULTI_STAGE_BUILD_CACHE", "1MB")
    code, pruned = end(place.run("true"))
    assert code == 0
    assert re.search(r"^engine: forgot [\d.]+MB of old build steps$", pruned, re.MULTILINE), pruned
    records = place.paths().data / "buildkit/cache.db"
    created = records.stat().st_ino
    monkeypatch.setenv("NODE_MULTI_STAGE_BUILD_RECORDS_MB", "0")
    assert end(place.run(build))[0] == 0, "it builds with new records"
    assert records.stat().st_ino != created


def test_the_next_run_recovers_when_everything_was_killed(place: Place, container: str) -> None:
    before = place.network()
    mark = place.folder / "mark"
    run = place.run(f"{container}; touch {mark}; exec sleep 900")
    until(mark.exists)
    run.kill()
    for pid in private.processes(place.paths()):
        with suppress(ProcessLookupError):  # the kernel was quicker: one of the others takes all with it
            os.kill(pid, signal.SIGKILL)
    until(lambda: not private.processes(place.paths()))
    # The PID of the dead engine now belongs to somebody else.
    stranger = subprocess.Popen(["sleep", "900"])
    (place.paths().exec / "docker.pid").write_text(str(stranger.pid))
    (place.paths().exec / "containerd" / "containerd.pid").write_text(str(stranger.pid))
    try:
        code, err = end(place.run("docker ps --quiet --all | grep . && exit 9; docker version >/dev/null"))
        assert code == 0, err
        assert "removed 1 containers" in err
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert private.processes(place.paths()) == []
    assert place.network() == before


@pytest.mark.parametrize("program", ["dockerd", "containerd", "runner"])
def test_the_next_run_recovers_when_one_part_was_killed(place: Place, container: str, program: str) -> None:
    mark = place.folder / "mark"
    run = place.run(f"{container}; echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 900")
    until(mark.exists)
    names = {pid: Path(f"/proc/{pid}/exe").readlink().name for pid in private.processes(place.paths())}
    for pid in [run.pid] if program == "runner" else [pid for pid, name in names.items() if name == program]:
        os.kill(pid, signal.SIGKILL)
    run.kill()
    code, err = end(place.run("docker ps --quiet --all | grep . && exit 9; docker version >/dev/null"))
    assert code == 0, err
    assert private.processes(place.paths()) == []
    until(lambda: not Path(f"/proc/{mark.read_text().strip()}").exists())


def test_an_engine_of_another_cache_waits_for_its_turn(place: Place) -> None:
    mark = place.folder / "mark"
    first = place.run(f"touch {mark}; while [ -e {mark} ]; do sleep 0.1; done")
    until(mark.exists)
    second = place.run("docker version >/dev/null", cache="b")
    assert second.stderr is not None
    line = second.stderr.readline()
    assert f"waiting for another private engine on this machine (cache {place.paths().base})" in line
    mark.unlink()
    assert end(first)[0] == 0
    assert end(second)[0] == 0


def test_a_long_cache_path_gets_its_sockets_elsewhere(place: Place) -> None:
    cache = "long-" + "x" * 60
    code, err = end(place.run("docker version >/dev/null; echo $DOCKER_HOST >&2", cache=cache))
    assert code == 0, err
    run = place.paths(cache).run
    assert f"unix://{run}/docker.sock" in err
    assert not run.exists()
