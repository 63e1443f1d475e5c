"""Finds a Docker engine to use: the one that answers, else a private one; and the client tools for it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from engine import machine, packages, private
from engine.locks import Lock, exclusive
from engine.machine import Paths
from engine.steps import EngineError, call, ignore_signals, say

OLDEST_ENGINE = 25
OLDEST_COMPOSE = (2, 24)
PROBE = 10.0  # seconds; a wedged engine never answers
# Seconds to wait while another run starts or stops the engine, for which it may have to wait itself.
START_TURN = private.MACHINE_LIMIT + 200


@dataclass(frozen=True)
class Engine:
    """An engine that answers: what it is called in the output, and the environment that reaches it."""

    name: str
    env: dict[str, str]

    def docker(self, *arguments: str | Path, timeout: float | None = None) -> str:
        """Run one docker command and return its output; raises EngineError when it fails."""
        return call(["docker", *arguments], env=self.env, timeout=timeout)


def find_running() -> Engine | None:
    """The engine that the caller's environment names, if it answers and has all that we need.

    Raises:
        EngineError: it answers but is too old.
    """
    engine = Engine("the running Docker engine", dict(os.environ))
    try:
        version = engine.docker("version", "--format", "{{.Server.Version}}", timeout=PROBE).strip()
    except EngineError:
        return None
    if number(version)[0] < OLDEST_ENGINE:
        raise EngineError(f"Docker Engine {version} is too old: {OLDEST_ENGINE} or newer is needed")
    try:
        engine.docker("buildx", "version", timeout=PROBE)
        compose = engine.docker("compose", "version", "--short", timeout=PROBE).strip()
    except EngineError as error:
        # Beside a running engine a private one would fight about bridge and iptables: no way around.
        raise EngineError(f"Docker Engine {version} answers but lacks buildx or compose: {error}") from None
    if number(compose)[:2] < OLDEST_COMPOSE:
        raise EngineError(f"Docker Compose {compose} is too old: 2.24 or newer is needed")
    return Engine(f"the running Docker engine {version}", engine.env)


def number(version: str) -> tuple[int, ...]:
    """`26.1.5+dfsg1` as (26, 1, 5); (0,) for what has no number."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3]) or (0,)


@contextmanager
def use() -> Iterator[Engine]:
    """An engine for the time of the body: the running one as it is, else the private one, shared.

    Raises:
        EngineError: none answers and none can be started; the text says what to do.
    """
    paths = machine.paths()
    # Inside another run: hold the private engine too, so that it outlives whoever ends first.
    inside = os.environ.get("DOCKER_HOST") == f"unix://{paths.socket}"
    running = None if inside else find_running()
    if running is not None:
        say(f"using {running.name}")
        yield running
        return
    refusal = machine.refusal(machine.os_release(), os.geteuid())
    if refusal is not None:
        raise EngineError(refusal)
    with shared(paths) as engine:
        yield engine


@contextmanager
def shared(paths: Paths) -> Iterator[Engine]:
    """The private engine of these paths: started by the first of several runs, stopped by the last."""
    turn, text = paths.lock("start"), "another run that starts or stops the private engine"
    users = Lock(paths.lock("users"))
    try:
        with exclusive(turn, text, START_TURN):
            first = users.try_exclusive()
            users.share()
            # An engine that runs without a user was left by a killed run, in an unknown state.
            if first or not private.is_alive(paths):
                packages.ensure(paths)
                write_client(paths)
                private.start(paths)
                private.remove_containers(paths)
                private.prune_builds(paths)
        engine = Engine("a private Docker engine", client_env(paths))
        version = engine.docker("version", "--format", "{{.Server.Version}}", timeout=60).strip()
        say(f"using {engine.name} {version} under {paths.base}")
        yield engine
    finally:
        ignore_signals()
        with exclusive(turn, text, START_TURN):
            if users.try_exclusive() and paths.root.is_dir():
                private.stop(paths)
            users.close()


def write_client(paths: Paths) -> None:
    """Lay out the client: a folder for PATH with docker alone, and a configuration with its plugins."""
    plugins = paths.config / "cli-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    paths.bin.mkdir(exist_ok=True)
    link(paths.bin / "docker", paths.root / "usr" / "bin" / "docker")
    for plugin in ("docker-buildx", "docker-compose"):
        found = next(paths.root.glob(f"usr/*/docker/cli-plugins/{plugin}"), None)
        if found is None:
            raise EngineError(f"the distribution's packages contain no {plugin}")
        link(plugins / plugin, found)
    # Proxies are needed to build; the user's logins are not, and stay where they are.
    user = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    settings: dict[str, object] = {}
    with suppress(OSError, ValueError):
        settings = {key: value for key, value in json.loads(user.read_text()).items() if key == "proxies"}
    config = paths.config / "config.json"
    if not config.exists():
        config.write_text(json.dumps(settings))


def link(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target`, replacing an older one in one step."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.symlink_to(target)
    unfinished.replace(path)


def client_env(paths: Paths) -> dict[str, str]:
    """The caller's environment with the private engine in it, and nothing else changed."""
    env = {key: value for key, value in os.environ.items() if key not in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY")}
    return {
        **env,
        "PATH": f"{paths.bin}:{env.get('PATH', '/usr/bin:/bin')}",
        "DOCKER_HOST": f"unix://{paths.socket}",
        "DOCKER_CONFIG": str(paths.config),
    }
