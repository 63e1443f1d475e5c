"""Popular plugins of fastify and middlewares of express work in a generated project as their documentation shows."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import docker
import pytest
from websockets.sync.client import connect

from support.running import Service, project_of

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
ROUTES = Path(__file__).parents[2] / "support" / "packages" / "plugins"
PACKAGES = {
    "fastify": "@fastify/compress@9.2.0 @fastify/cookie@11.1.5 @fastify/cors@11.4.3 @fastify/formbody@9.0.1 "
    "@fastify/helmet@13.2.0 @fastify/multipart@10.1.9 @fastify/rate-limit@11.2.0 @fastify/sensible@6.0.6 "
    "@fastify/swagger@9.9.3 @fastify/swagger-ui@6.1.3 @fastify/websocket@11.3.7",
    "express": "compression@1.8.2 cookie-parser@1.4.7 cors@2.8.6 express-rate-limit@8.7.5 express-session@1.19.0 "
    "express-validator@7.3.2 helmet@8.3.0 http-errors@2.0.1 morgan@1.12.1 multer@2.5.0 swagger-ui-express@5.0.1",
}
TYPES = {
    "fastify": "@types/ws@8.18.2",
    "express": "@types/compression@1.8.1 @types/cookie-parser@1.4.10 @types/cors@2.8.19 "
    "@types/express-session@1.19.0 @types/http-errors@2.0.5 @types/morgan@1.9.10 @types/multer@2.3.0 "
    "@types/swagger-ui-express@4.1.8",
}
ORIGIN = "https://front.example.com"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module", params=sorted(PACKAGES))
def service(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service in TypeScript with these routes; lint, types and the kept half's tests have passed."""
    framework = request.param
    folder = tmp_path_factory.mktemp("plugins")
    with project_of(folder, client, framework=framework, language="typescript") as running:
        project = running.project
        for packages, options in ((PACKAGES, {}), (TYPES, {"DEV": "1"})):
            added = project.make("add", PACKAGE=packages[framework], **options)
            assert added.returncode == 0, added.stdout + added.stderr
        shutil.copy(ROUTES / f"{framework}.ts", project.path / "src" / "routes.ts")
        for own in (project.path / "test").glob("*.test.ts"):
            own.unlink()
        # The tests that are left do not ask these routes.
        runner = project.path / "scripts" / "node.sh"
        text = runner.read_text(encoding="utf-8")
        runner.write_text(text.replace("lines=90", "lines=50").replace("branches=80", "branches=50"), encoding="utf-8")
        formatted = project.make("format")
        assert formatted.returncode == 0, formatted.stdout + formatted.stderr
        tested = project.make("test")
        assert tested.returncode == 0, tested.stdout[-6000:] + tested.stderr[-3000:]
        running.run()
        yield running


def cookie_of(service: Service, path: str) -> str:
    """Return the cookie that a path sets, as a client sends it back."""
    return service.get(path).headers["set-cookie"].split(";")[0]


def test_cors(service: Service) -> None:
    preflight = {"origin": ORIGIN, "access-control-request-method": "POST"}
    answer = service.get("/form", "OPTIONS", headers=preflight)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert service.get("/limited", headers={"origin": ORIGIN}).headers["access-control-allow-credentials"] == "true"


def test_helmet(service: Service) -> None:
    assert service.get("/login").headers["cross-origin-opener-policy"] == "same-origin"


def test_signed_cookies(service: Service) -> None:
    good = cookie_of(service, "/login")
    assert json.loads(service.get("/me", headers={"cookie": good}).body)["valid"] is True
    assert json.loads(service.get("/me", headers={"cookie": good[:-3] + "xyz"}).body)["valid"] is False


@pytest.mark.parametrize("service", ["express"], indirect=True)
def test_sessions(service: Service) -> None:
    """The recipe about sessions has fastify's."""
    cookie = cookie_of(service, "/views")
    assert json.loads(service.get("/views", headers={"cookie": cookie}).body) == {"views": 2}


def test_forms(service: Service) -> None:
    answer = service.get("/form", "POST", body="name=Ada&city=London", headers=FORM)
    assert json.loads(answer.body) == {"name": "Ada", "city": "London"}


@pytest.mark.parametrize(("size", "status"), [(500_000, 200), (1_500_000, 413)])
def test_uploads_have_the_plugin_s_limit(service: Service, size: int, status: int) -> None:
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
    body = head.encode() + b"x" * size + b"\r\n--b--\r\n"
    answer = service.get("/upload", "POST", body=body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status == status, answer
    if status == 200:
        assert json.loads(answer.body) == {"name": "a.txt", "size": size}


def test_rate_limits(service: Service) -> None:
    answers = [service.get("/limited") for _ in range(4)]
    assert answers[-1].status == 429
    assert "retry-after" in answers[-1].headers


def test_compression(service: Service) -> None:
    asked = Request(f"http://127.0.0.1:{service.port}/large", headers={"accept-encoding": "gzip"})
    with urlopen(asked, timeout=10) as answer:  # noqa: S310 (loopback)
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.read()) == b"x" * 100_000


def test_errors_that_are_made_for_clients(service: Service) -> None:
    answer = service.get("/gone")
    assert (answer.status, answer.headers["content-type"]) == (410, "application/problem+json")


def test_validation_names_the_field(service: Service) -> None:
    if service.project.answers["framework"] == "fastify":
        assert json.loads(service.get("/items?page=2").body) == {"page": 2}
        assert "page" in json.loads(service.get("/items?page=x").body)["detail"]
        return
    headers = {"content-type": "application/json"}
    assert json.loads(service.get("/user", "POST", body='{"email":"a@b.example"}', headers=headers).body) == {
        "email": "a@b.example"
    }
    refused = service.get("/user", "POST", body='{"email":"a"}', headers=headers)
    assert (refused.status, json.loads(refused.body)["errors"][0]["path"]) == (400, "email")


def test_swagger_s_page(service: Service) -> None:
    page = service.get("/docs/")
    assert (page.status, "swagger-ui" in page.body) == (200, True)
    asset = "static/swagger-ui.css" if service.project.answers["framework"] == "fastify" else "swagger-ui.css"
    assert service.get(f"/docs/{asset}").headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("service", ["fastify"], indirect=True)
def test_a_websocket(service: Service) -> None:
    """Before the stop, at which it is closed. The recipe about WebSockets has express's."""
    with connect(f"ws://127.0.0.1:{service.port}/ws", proxy=None) as socket:
        socket.send("hello")
        assert socket.recv(timeout=5) == "heard hello"


def test_a_stop_in_order(service: Service) -> None:
    service.container.stop(timeout=9)
    code = service.container.attrs["State"]["ExitCode"]
    # With several workers others may follow.
    service.run()
    assert code == 0
