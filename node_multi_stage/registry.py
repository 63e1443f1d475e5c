"""What the registry says about a version: when it came out, and whether it has an install script."""

from __future__ import annotations

import json
import os
import ssl
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from node_multi_stage.lockfiles import PUBLIC, Locked

DEFAULT = f"https://{PUBLIC}"
SECONDS = 20
ATTEMPTS = 2
NOT_FOUND = 404
# Failed questions after which a registry is not asked again.
PATIENCE = 8
INSTALL_SCRIPTS = {"preinstall", "install", "postinstall"}


@dataclass(frozen=True)
class Facts:
    """How long a version has been public, and whether it has an install script; None for what is not known."""

    age: timedelta | None = None
    has_script: bool | None = None


def npmrc(path: Path) -> dict[str, str]:
    """Return the settings of an npm configuration; none if there is no such file."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and line[0] not in "#;")
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


class Registry:
    """The registry of a project, as npm's configuration names it."""

    def __init__(self, project: Path) -> None:
        """Read the project's configuration for addresses, the user's (NPMRC, or in the home) for logins, too.

        A project's own configuration must not get a login sent elsewhere: this is run on other people's changes.
        """
        self.user = npmrc(Path(os.environ.get("NPMRC") or Path.home() / ".npmrc"))
        self.settings: Mapping[str, str] = {**self.user, **npmrc(project / ".npmrc")}
        self.tls = ssl.create_default_context()
        if authority := os.environ.get("NODE_EXTRA_CA_CERTS"):
            self.tls.load_verify_locations(authority)
        # By host: why it said nothing about a package, for each of them.
        self.failures: defaultdict[str, list[str]] = defaultdict(list)

    def address(self, name: str) -> str:
        """Return the address of the registry that has a package."""
        scope = name.partition("/")[0] if name.startswith("@") else ""
        found = self.settings.get(f"{scope}:registry") or self.settings.get("registry") or DEFAULT
        return found.rstrip("/")

    def login(self, address: str) -> str:
        """Return the user's Authorization for an address, or an empty string."""
        parts = urlsplit(address)
        path = f"{parts.path.rstrip('/')}/"
        while path:
            for key, kind in (("_authToken", "Bearer"), ("_auth", "Basic")):
                if value := self.user.get(f"//{parts.netloc}{path}:{key}"):
                    return f"{kind} {value}"
            path = path[: path.rstrip("/").rfind("/") + 1]
        return ""

    def document(self, name: str) -> dict[str, Any]:
        """Return what the registry says about a package; empty if it does not know it, or says nothing.

        Why it says nothing, such as HTTP 401, is noted, once, when no further attempt is made.
        """
        address = self.address(name)
        failures = self.failures[urlsplit(address).netloc]
        if not address.startswith(("https://", "http://")) or len(failures) >= PATIENCE:
            return {}
        request = Request(f"{address}/{quote(name, safe='@')}", headers={"Accept": "application/json"})  # noqa: S310
        if login := self.login(address):
            # Not for the place that a redirection names.
            request.add_unredirected_header("Authorization", login)
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                with urlopen(request, timeout=SECONDS, context=self.tls) as response:  # noqa: S310
                    return dict(json.load(response))
            except HTTPError as error:
                if error.code == NOT_FOUND:
                    return {}
                reason = f"HTTP {error.code}"
            except (OSError, HTTPException, ValueError) as error:
                reason = str(getattr(error, "reason", error))
        failures.append(reason)
        return {}

    def facts(self, package: Locked) -> Facts:
        """Return what is known about a version."""
        document = self.document(package.name)
        version = document.get("versions", {}).get(package.version)
        moment = document.get("time", {}).get(package.version)
        age = datetime.now(timezone.utc) - datetime.fromisoformat(moment.replace("Z", "+00:00")) if moment else None
        if version is None:
            return Facts(age)
        scripts = INSTALL_SCRIPTS & dict(version.get("scripts") or {}).keys()
        return Facts(age, bool(scripts or version.get("hasInstallScript")))
