"""Stand-ins for the npm registry, PyPI, GitHub's and Docker Hub's API on loopback, with what a test publishes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Release:
    """A version: days since it came out, and what the registry says about it in its own terms."""

    version: str
    days: float = 30
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> str:
        """When it came out, as registries write it."""
        return (datetime.now(timezone.utc) - timedelta(days=self.days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Registries:
    """What is published where, by name; npm's `latest` is the first release given unless `latest` says otherwise."""

    npm: dict[str, list[Release]] = field(default_factory=dict)
    pypi: dict[str, list[Release]] = field(default_factory=dict)
    github: dict[str, list[Release]] = field(default_factory=dict)
    images: dict[str, list[Release]] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str, query: str, address: str) -> object:
        """Return the JSON of a path, shaped as the real one's; raises KeyError for what is not published."""
        root, _, rest = path.lstrip("/").partition("/")
        if root == "npm":
            return self.npm_package(rest)
        if root == "simple":
            return self.pypi_project(rest.strip("/"))
        if root == "v2":
            _, owner, _, name, _ = rest.split("/")
            return self.image_tags(name if owner == "library" else f"{owner}/{name}", query, f"{address}{path}")
        owner, repository, what, *tag = rest.split("/")
        releases = self.github[f"{owner}/{repository}"]
        if what == "commits":
            return next(r.facts["commit"] for r in releases if f"v{r.version}" == tag[0])
        return [
            {"draft": False, "prerelease": False, "tag_name": f"v{r.version}", "published_at": r.moment} | r.facts
            for r in releases
        ]

    def image_tags(self, name: str, query: str, address: str) -> object:
        """Return an image's tags, half of them on a second page (Docker Hub API, paginated_tags)."""
        releases = self.images[name]
        half = len(releases) // 2
        first = "page=2" not in query
        shown = releases[:half] if first else releases[half:]
        following = f"{address}?{query}&page=2" if first else None
        return {
            "count": len(releases),
            "next": following,
            "results": [{"name": r.version, "tag_last_pushed": r.moment} for r in shown],
        }

    def npm_package(self, name: str) -> object:
        """Return a package's document (npm/registry, docs/REGISTRY-API.md)."""
        releases = self.npm[name]
        return {
            "name": name,
            "dist-tags": {"latest": self.latest.get(name, releases[0].version)},
            "versions": {r.version: {"name": name, "version": r.version} | r.facts for r in releases},
            "time": {r.version: r.moment for r in releases},
        }

    def pypi_project(self, name: str) -> object:
        """Return a project's files (PEP 691, PEP 700)."""
        files = []
        for release in self.pypi[name]:
            wheel = f"{name.replace('-', '_')}-{release.version}-py3-none-any.whl"
            file = {"filename": wheel, "url": wheel, "hashes": {}, "size": 1, "upload-time": release.moment}
            files.append(file | release.facts)
        return {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": files}


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Let a handler answer on loopback; yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def served(registries: Registries) -> Iterator[str]:
    """Serve them; yield the address. npm's packages are below /npm, PyPI's below /simple, GitHub's below /repos.

    Docker Hub's are below /v2.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with JSON, or 404."""
            url = urlsplit(self.path)
            address = f"http://{self.headers['Host']}"
            try:
                status, body = 200, registries.answer(unquote(url.path), url.query, address)
            except (KeyError, StopIteration):
                status, body = 404, {"error": "not found"}
            self.send_response(status)
            pypi = self.path.startswith("/simple")
            self.send_header("Content-Type", f"application/{'vnd.pypi.simple.v1+json' if pypi else 'json'}")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with listening(Handler) as address:
        yield address
