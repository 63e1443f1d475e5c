"""A front end: which paths get its page, what browsers may keep, and what the production image holds of it."""

from __future__ import annotations

import json
import re

import docker
import pytest

from support.running import Response, Service, files_of

YEAR_2000 = 946_684_800
IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def service(recipe: Service) -> Service:
    """The service as the page leaves it."""
    recipe.run()
    return recipe


def script_of(service: Service) -> str:
    """Return the path of the script that the page names."""
    [path] = re.findall(r'src="(/app/assets/[^"]+\.js)"', service.get("/app/").body)
    return str(path)


def assert_problem(answer: Response, status: int) -> None:
    """The API's own error, which nobody keeps."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert json.loads(answer.body)["status"] == status
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/app/", "/app/orders/1", "/app/orders?from=a.b", "/app/index.html"])
def test_the_clients_paths_get_the_page_which_is_asked_for_each_time(service: Service, path: str) -> None:
    page = service.get(path)
    assert page.status == 200
    assert '<div id="root"></div>' in page.body
    assert re.fullmatch(r"text/html; ?charset=utf-8", page.headers["content-type"], re.IGNORECASE)
    assert page.headers["cache-control"] == "no-cache"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';frame-ancestors 'none'")
    assert "script-src" not in policy
    again = service.get(path, headers={"if-none-match": page.headers["etag"]})
    assert (again.status, again.body) == (304, "")
    assert again.headers["cache-control"] == "no-cache"


def test_what_has_a_hash_in_its_name_is_kept_for_ever(service: Service) -> None:
    script = service.get(script_of(service))
    assert script.status == 200
    assert re.match(r"(text|application)/javascript\b", script.headers["content-type"])
    assert script.headers["cache-control"] == IMMUTABLE
    assert len(script.body) > 100_000
    head = service.get(script_of(service), "HEAD")
    assert (head.headers["content-length"], head.body) == (script.headers["content-length"], "")


@pytest.mark.parametrize("path", ["/app/assets/gone.js", "/app/gone.png", "/nothing", "/application/x"])
def test_what_is_not_there_is_the_apis_404(service: Service, path: str) -> None:
    assert_problem(service.get(path), 404)


def test_the_api_is_as_before(service: Service) -> None:
    assert service.get("/").body == "Hello, Docker Multi-Stage Build!\n"
    assert_problem(service.get("/echo"), 405)
    assert service.get("/app/", "POST").status in (404, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/app/../package.json",
        "/app/../../package.json",
        "/app/%2e%2e/%2e%2e/package.json",
        "/app/..%2f..%2fpackage.json",
        "/app/assets/../../../package.json",
        "/app//app/package.json",
        "/app/.%00./package.json",
    ],
)
def test_no_path_leads_out_of_the_folder(service: Service, path: str) -> None:
    answer = service.get(path)
    assert answer.status == 200 or 400 <= answer.status < 500
    assert '"dependencies"' not in answer.body
    assert answer.status != 200 or '<div id="root">' in answer.body


def test_the_image_holds_what_was_built_and_nothing_else(service: Service, client: docker.DockerClient) -> None:
    files = {name: info for name, info in files_of(client, service.tag).items() if info.isfile()}
    built = {name: info for name, info in files.items() if name.startswith("app/web/")}
    kinds = sorted(re.sub(r"-[\w-]{8}\.", "-HASH.", name) for name in built)
    assert kinds == ["app/web/dist/assets/index-HASH.js", "app/web/dist/index.html"]
    tools = r"app/node_modules/(vite|rolldown|@rolldown|react|react-dom)/"
    assert [name for name in files if re.match(tools, name) or name.endswith(".jsx")] == []
    # Dated by their content, so that the layer and the validators are the same in every build.
    assert [name for name, info in built.items() if info.mtime >= YEAR_2000] == []
    assert {oct(info.mode & 0o777) for info in built.values()} == {"0o555"}
