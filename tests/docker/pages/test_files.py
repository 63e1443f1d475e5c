"""Files of a running container: what browsers may keep, what they get of it, and what nobody gets."""

from __future__ import annotations

import json
import re

import docker
import pytest

from loopback import free_port
from support.development import body_has, make_dev
from support.running import Response, Service, files_of, wait_until

YEAR_2000 = 946_684_800
IMMUTABLE = "public, max-age=31536000, immutable"
PAGE_POLICY = "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'"
API_POLICY = "default-src 'none';frame-ancestors 'none'"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"}


def assert_problem(answer: Response, *statuses: int) -> None:
    """The API's own error, which nobody keeps."""
    assert answer.status in statuses, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == answer.status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == API_POLICY


def test_a_browser_gets_the_page_and_curl_the_greeting(service: Service) -> None:
    page = service.get("/", headers=BROWSER)
    assert page.body == service.project.read("public/index.html")
    assert page.headers["content-security-policy"] == PAGE_POLICY
    assert page.headers["cache-control"] == "no-cache"
    greeting = service.get("/", headers={"accept": "*/*"})
    assert greeting.body == "Hello, Docker Multi-Stage Build!\n"
    assert greeting.headers["content-security-policy"] == API_POLICY
    for answer in (page, greeting):
        assert answer.headers["vary"].lower() == "accept", "a cache would give one in place of the other"
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/style.css", "/main.js", "/icon.svg", "/index.html", "/app.0123abcd.css", "/terms-20260101.html"]
)
def test_a_file_is_asked_for_anew_and_sent_only_if_it_has_changed(service: Service, path: str) -> None:
    answer = service.get(path)
    assert (answer.status, answer.body) == (200, (service.project.path / f"public{path}").read_text(encoding="utf-8"))
    assert answer.headers["cache-control"] == (IMMUTABLE if "0123abcd" in path else "no-cache")
    validator = {"if-none-match": answer.headers["etag"]}
    again = service.get(path, headers=validator)
    assert (again.status, again.body) == (304, "")
    assert again.headers["cache-control"] == answer.headers["cache-control"]
    head = service.get(path, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, "", str(len(answer.body.encode())))


def test_parts_of_a_file(service: Service) -> None:
    text = service.project.read("public/style.css")
    for given, wanted in {"bytes=0-4": text[:5], "bytes=-7": text[-7:], "bytes=10-": text[10:]}.items():
        answer = service.get("/style.css", headers={"range": given})
        assert (answer.status, answer.body) == (206, wanted)
    assert service.get("/style.css", headers={"range": f"bytes={len(text)}-"}).status == 416
    etag = service.get("/style.css").headers["etag"]
    stale = {"range": "bytes=0-4", "if-range": etag.replace('"', '"0', 1)}
    assert service.get("/style.css", headers=stale).status == 200


def test_a_folder_has_a_page_of_its_own(service: Service) -> None:
    page = service.get("/sub/")
    assert (page.status, "below" in page.body) == (200, True)
    assert page.headers["content-security-policy"] == PAGE_POLICY
    moved = service.get("/sub")
    assert (moved.status, moved.headers["location"]) == (301, "/sub/"), "its relative links would lead elsewhere"


@pytest.mark.parametrize(
    "path",
    [
        "/.secret",
        "/%2esecret",
        "/.well-known/note.txt",
        "/../package.json",
        "/../../etc/passwd",
        "/%2e%2e/package.json",
        "/..%2fpackage.json",
        "/sub/../../package.json",
        "/sub/%2e%2e/%2e%2e/package.json",
        "/..%5cpackage.json",
        "//etc/passwd",
        "/sub//../../package.json",
        "/.%00./package.json",
        "/style.css%00.html",
        "/%E0%A4%A",
        "/nothing.css",
    ],
)
def test_no_dot_files_and_no_way_out(service: Service, path: str) -> None:
    assert_problem(service.get(path), 400, 403, 404)


def test_the_api_is_as_before(service: Service) -> None:
    wrong = service.get("/echo")
    assert_problem(wrong, 405)
    assert wrong.headers["allow"] == "OPTIONS, POST"
    assert_problem(service.get("/nothing", "POST"), 404)
    assert_problem(service.get("/style.css", "POST"), 404)
    answer = service.get("/echo", "POST", body='{"message":"hi"}', headers={"content-type": "application/json"})
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-security-policy"] == API_POLICY


def test_the_image_holds_them_dated_by_their_content(service: Service, client: docker.DockerClient) -> None:
    """So that their layer and their validators are the same in every build."""
    found = {name: info for name, info in files_of(client, service.tag).items() if name.startswith("app/public/")}
    files = {name: info for name, info in found.items() if info.isfile()}
    assert "app/public/index.html" in files
    assert [name for name, info in files.items() if not 0 < info.mtime < YEAR_2000] == []
    assert {oct(info.mode & 0o777) for info in files.values()} == {"0o555"}


def test_two_releases_share_no_validator_and_the_same_file_has_the_same(service: Service) -> None:
    validators = []
    for text in ("one\n", "two\n", "one\n"):
        (service.project.path / "public/release.txt").write_text(text, encoding="utf-8")
        service.run()
        answer = service.get("/release.txt")
        assert answer.body == text
        validators.append({name: answer.headers[name] for name in ("etag", "last-modified")})
        if text == "two\n":
            first = validators[0]
            for conditions in (
                {"if-none-match": first["etag"]},
                {"if-modified-since": first["last-modified"]},
                {"if-none-match": first["etag"], "if-modified-since": first["last-modified"]},
            ):
                assert service.get("/release.txt", headers=conditions).status == 200, conditions
    first, second, third = validators
    assert not set(first.values()) & set(second.values())
    assert third == first


def test_make_dev_shows_an_edit_and_a_new_file(service: Service) -> None:
    public = service.project.path / "public"
    assert service.project.make("stop").returncode == 0
    with make_dev(service, free_port()):
        assert body_has(service, "Ask the service", "/index.html")
        page = public / "index.html"
        page.write_text(re.sub("Ask the service", "Edited", page.read_text(encoding="utf-8")), encoding="utf-8")
        assert wait_until(lambda: body_has(service, "Edited", "/index.html"), 10)
        (public / "new.txt").write_text("just made\n", encoding="utf-8")
        assert wait_until(lambda: body_has(service, "just made", "/new.txt"), 10)
    service.run()
