"""What browsers cache: two releases of a file of equal length have no validator in common."""

from __future__ import annotations

import http.client
from pathlib import Path

import docker
import pytest

from support.running import Service, project_of

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
PACKAGE = '{"name": "page", "version": "1.0.0", "files": ["index.html"]}\n'
SERVE = {
    "express": (
        "  return router;\n",
        "  router.use('/own', express.static('public'));\n"
        "  router.use('/package', express.static('node_modules/page'));\n",
    ),
    "fastify": (
        "  app.get('/',",
        "  const root = (path) => new URL(`../${path}`, import.meta.url).pathname;\n"
        "  app.register(files, { root: root('public'), prefix: '/own/' });\n"
        "  app.register(files, { root: root('node_modules/page'), prefix: '/package/', decorateReply: false });\n",
    ),
}


def ask(service: Service, path: str, **headers: str) -> http.client.HTTPResponse:
    """Ask for a path with headers; an underscore in a name stands for a hyphen."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=5)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def release(service: Service, text: str) -> dict[str, dict[str, str]]:
    """Write a page, build and run; return the validators of the page of the project and of the package."""
    for folder in ("public", "packages/page"):
        (service.project.path / folder / "index.html").write_text(text, encoding="utf-8")
    service.run()
    answers = {path: ask(service, path) for path in ("/own/index.html", "/package/index.html")}
    return {
        path: {name: str(answer.headers[name]) for name in ("ETag", "Last-Modified")}
        for path, answer in answers.items()
    }


@pytest.mark.parametrize("framework", SERVE)
def test_two_releases_share_no_validator(
    client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, framework: str
) -> None:
    with project_of(tmp_path_factory.mktemp("static"), client, framework=framework) as service:
        serve(service, framework)
        first = release(service, "<p>one</p>\n")
        second = release(service, "<p>two</p>\n")
        for path, validators in first.items():
            assert "None" not in validators.values()
            assert not set(validators.values()) & set(second[path].values()), (first, second)
            etag, date = validators["ETag"], validators["Last-Modified"]
            assert ask(service, path, If_None_Match=etag, If_Modified_Since=date).status == 200, path
            assert ask(service, path, If_Modified_Since=date).status == 200, path
            assert ask(service, path, If_None_Match=second[path]["ETag"]).status == 304, path
        third = release(service, "<p>one</p>\n")
        assert third["/package/index.html"] == first["/package/index.html"], "the same content, the same time"


def serve(service: Service, framework: str) -> None:
    """Give the project a folder and a local package with a page, and routes that serve both."""
    path: Path = service.project.path
    for folder in ("public", "packages/page"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    (path / "packages/page/package.json").write_text(PACKAGE, encoding="utf-8")
    dockerfile = (path / "Dockerfile").read_text(encoding="utf-8")
    copy = "COPY --chmod=555 src src\n"
    assert copy in dockerfile
    (path / "Dockerfile").write_text(
        dockerfile.replace(copy, f"{copy}COPY --chmod=555 public public\n"), encoding="utf-8"
    )
    names = "./packages/page" + (" @fastify/static" if framework == "fastify" else "")
    assert service.project.make("add", f"PACKAGE={names}").returncode == 0
    routes = path / "src" / "routes.js"
    where, code = SERVE[framework]
    text = routes.read_text(encoding="utf-8")
    assert text.count(where) == 1
    text = text.replace(where, code + where)
    if framework == "fastify":
        text = text.replace("import ", "import files from '@fastify/static';\nimport ", 1)
    routes.write_text(text, encoding="utf-8")
