"""The page in a real browser, as the production container serves it: light, dark, and on a phone."""

from __future__ import annotations

from typing import Any

import docker
import pytest

from support.browser import VIEWS, browse, keep_pictures, origin
from support.running import Service


@pytest.fixture(scope="module")
def seen(service: Service, client: docker.DockerClient) -> dict[str, Any]:
    """What the browser says."""
    return keep_pictures("page", browse(client, service))


def test_it_greets_and_answers(page: dict[str, Any]) -> None:
    assert page["status"] == 200
    assert page["greeting"] == "Hello, Docker Multi-Stage Build!\n"
    # As text: markup in it is none.
    assert page["answer"] == "The service says: Grüße <b>you</b>"


def test_it_is_used_by_keyboard_and_shows_where_the_focus_is(page: dict[str, Any]) -> None:
    assert page["stops"] == ["input solid", "button solid"]


def test_nothing_is_wrong_and_nothing_comes_from_elsewhere(service: Service, page: dict[str, Any]) -> None:
    assert (page["console"], page["errors"], page["violations"], page["failed"]) == ([], [], [], [])
    own = origin(service)
    assert {url.removeprefix(own) for url in page["requests"]} >= {"", "main.js", "style.css", "echo"}
    assert [url for url in page["requests"] if not url.startswith(own)] == []


def test_it_has_no_barriers(page: dict[str, Any]) -> None:
    assert page["barriers"] == []
    assert {"color-contrast", "label", "html-has-lang", "page-has-heading-one"} <= set(page["rules"])


def test_it_is_no_wider_than_the_screen(page: dict[str, Any]) -> None:
    assert page["wide"] <= 0


def test_it_is_dark_where_that_is_asked_for(seen: dict[str, Any]) -> None:
    backgrounds = {view: seen[view]["background"] for view in VIEWS}
    assert backgrounds["light"] == backgrounds["phone"] == "rgb(255, 255, 255)"
    assert backgrounds["dark"] == "rgb(20, 23, 26)"


def test_the_browser_notices_what_a_page_must_not_do(seen: dict[str, Any]) -> None:
    """An inline script, an image of another host, a field without a label."""
    spoiled = seen["spoiled"]
    assert spoiled["inlined"] is False
    assert sorted(spoiled["violations"]) == ["img-src http://other.invalid/x.png", "script-src-elem inline"]
    assert [barrier for barrier in spoiled["barriers"] if barrier.startswith("label: ")]
    assert spoiled["console"]
