"""What the engine and the kernel say about a running container and its image."""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass
from typing import Any

EMBEDDED_DNS = "127.0.0.11"


@dataclass(frozen=True)
class Facts:
    """Gathered once, so that every control looks at the same moment."""

    container: dict[str, Any]  # docker inspect
    image: dict[str, Any]
    history: str
    files: dict[str, tarfile.TarInfo]
    status: dict[str, str]  # /proc/1/status
    listeners: list[tuple[str, int]]  # address and port
    processes: list[str]  # command lines
    dockerfile: str
    makefile: str
    port: int  # inside

    @property
    def host(self) -> dict[str, Any]:
        """HostConfig of the container."""
        config: dict[str, Any] = self.container["HostConfig"]
        return config

    @property
    def variables(self) -> list[str]:
        """Names of the environment variables, in the container and in the image's history."""
        names = [entry.partition("=")[0] for entry in self.container["Config"]["Env"]]
        return names + re.findall(r"\b([A-Z_]{3,})=", self.history)

    @property
    def published(self) -> list[dict[str, str]]:
        """Every published port: HostIp, HostPort."""
        return [binding for ports in self.host["PortBindings"].values() for binding in ports]

    @property
    def ports(self) -> set[int]:
        """The ports that something listens on inside, except the engine's own name server."""
        return {port for address, port in self.listeners if address != EMBEDDED_DNS}


def writable(member: tarfile.TarInfo) -> bool:
    """Whether the service's user, or any other, could change this file of the image."""
    mode = member.mode
    return not member.issym() and bool(
        mode & 0o002 or (member.uid != 0 and mode & 0o200) or (member.gid != 0 and mode & 0o020)
    )


# OWASP REST Security Cheat Sheet, "Security Headers": what every answer of an API carries.
SECURITY = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none';frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}
