"""Where things are on this machine: the cache folder and what of it the engine uses, the distribution."""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import dataclass
from pathlib import Path

# containerd's longest socket name under the exec root, and the kernel's limit for one (unix(7)).
LONGEST_SOCKET = "exec/containerd/containerd.sock.ttrpc"
SOCKET_LIMIT = 107


@dataclass(frozen=True)
class Paths:
    """Every path of the private engine. `base` keeps what is worth keeping, `run` what dies with it."""

    base: Path

    @property
    def name(self) -> str:
        """A name that no other cache's engine has."""
        return f"node-multi-stage-{hashlib.sha256(bytes(self.base)).hexdigest()[:12]}"

    @property
    def run(self) -> Path:
        """Folder of sockets: `base` itself, or a short path where names under `base` would be too long."""
        if len(str(self.base / LONGEST_SOCKET)) <= SOCKET_LIMIT:
            return self.base
        return Path("/run") / self.name

    @property
    def root(self) -> Path:
        """The unpacked distribution packages."""
        return self.base / "root"

    @property
    def bin(self) -> Path:
        """What the wrapped command gets on its PATH: the docker client and nothing else."""
        return self.base / "bin"

    @property
    def config(self) -> Path:
        """DOCKER_CONFIG of the wrapped command."""
        return self.base / "config"

    @property
    def data(self) -> Path:
        """dockerd's data root."""
        return self.base / "data"

    @property
    def exec(self) -> Path:
        """dockerd's exec root, empty whenever no engine runs."""
        return self.run / "exec"

    @property
    def socket(self) -> Path:
        """dockerd's socket."""
        return self.run / "docker.sock"

    @property
    def log(self) -> Path:
        """dockerd's log, of the last start."""
        return self.base / "dockerd.log"

    @property
    def host(self) -> Path:
        """What the host's network looked like before the engine started."""
        return self.base / "host.json"

    def lock(self, name: str) -> Path:
        """Lock file: `users` (shared by every run), `start` (start and stop), `build` (images, packages)."""
        return self.base.parent / "locks" / name


def cache() -> Path:
    """The folder that `make distclean` removes."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification says to ignore a relative value.
    parent = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return parent / "node-multi-stage"


def paths() -> Paths:
    """The private engine's paths under the cache folder."""
    return Paths(cache() / "engine")


def os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    """The distribution's own description; empty where it has none."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    return {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines)}


def refusal(release: dict[str, str], uid: int) -> str | None:
    """Why no private engine can be started here, as one line with the way out; None where it can."""
    way_out = "start Docker Engine 25 or newer (with buildx and compose); `make test-bake` needs no Docker"
    name = release.get("PRETTY_NAME", platform.system())
    if platform.system() != "Linux" or release.get("ID") not in ("debian", "ubuntu"):
        return f"no Docker engine answers and none can be started on {name}: {way_out}"
    if uid != 0:
        return f"no Docker engine answers and only root can start one here: {way_out}"
    oldest = {"debian": 12, "ubuntu": 24}[release["ID"]]
    version = release.get("VERSION_ID", "").split(".")[0]
    if version.isdigit() and int(version) < oldest:
        return f"no Docker engine answers and {name} is too old for a private one: {way_out}"
    return None
