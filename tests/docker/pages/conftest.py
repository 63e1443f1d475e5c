"""A service with pages, and files that a test looks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker
import pytest

from support.browser import VIEWS
from support.running import Service, project_of
from support.runtime.one_by_default import ONE_BY_DEFAULT

FILES = {
    "app.0123abcd.css": "p { color: red }\n",
    "terms-20260101.html": "<!doctype html>\n<title>Terms</title>\n",
    ".secret": "hidden\n",
    ".well-known/note.txt": "hidden, too\n",
    "sub/index.html": "<!doctype html>\n<title>Below</title>\n<p>below</p>\n",
    "release.txt": "one\n",
}


@pytest.fixture(scope="module", params=ONE_BY_DEFAULT)
def service(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with pages, started by `make run`."""
    folder = tmp_path_factory.mktemp("pages")
    with project_of(folder, client, pages="static", **request.param) as running:
        for name, text in FILES.items():
            file = running.project.path / "public" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        running.run()
        yield running


@pytest.fixture(params=VIEWS)
def page(request: pytest.FixtureRequest, seen: dict[str, Any]) -> dict[str, Any]:
    """What the browser says of one view, of all that a module has `seen`."""
    found: dict[str, Any] = seen[request.param]
    return found
