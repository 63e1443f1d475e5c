"""The page of a service with a database, in a real browser: notes are added, kept, deleted and paged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker
import pytest

from support.browser import VIEWS, browse, keep_pictures, origin
from support.data.notes import project_with
from support.running import Service
from support.runtime.frameworks import VARIANTS, label

PARAMETERS = [
    pytest.param({"database": "sqlite", **VARIANTS[0]}, id=f"sqlite-{label(VARIANTS[0])}"),
    *(
        pytest.param({"database": "postgres", **variant}, id=f"postgres-{label(variant)}", marks=pytest.mark.full)
        for variant in VARIANTS
    ),
]
MARKUP = '<img src="x" onerror="window.injected = true"> <b>kept</b>'
LONG = "Butter" + "-and-more" * 12


@pytest.fixture(scope="module", params=PARAMETERS)
def service(
    request: pytest.FixtureRequest, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with pages and a database, started by `make run`."""
    with project_with(tmp_path_factory.mktemp("notes"), client, pages="static", **request.param) as running:
        running.run()
        yield running


@pytest.fixture(scope="module")
def seen(service: Service, client: docker.DockerClient) -> dict[str, Any]:
    """What the browser says."""
    return keep_pictures("notes", browse(client, service))


def test_notes_are_added_kept_and_deleted(page: dict[str, Any]) -> None:
    assert page["greeting"] == "Hello, Docker Multi-Stage Build!\n"
    assert page["empty"] == ["There are no notes yet.", ""]
    notes = [LONG, "Bread, which is deleted", MARKUP, "Milk"]
    assert page["added"] == [["Added.", ""], notes]
    assert page["kept"] == notes
    assert page["deleted"] == [LONG, MARKUP, "Milk"]


def test_a_note_is_text_whatever_markup_it_holds(page: dict[str, Any]) -> None:
    assert MARKUP in page["deleted"]
    assert page["injected"] is False


def test_it_is_used_by_keyboard_and_by_ear(page: dict[str, Any]) -> None:
    """The focus is shown, is not lost with what is deleted, and each button says what it would delete."""
    assert page["stops"] == ["input solid", "button solid", "input solid", *["button solid"] * 3]
    assert page["label"] == "Delete Bread, which is deleted"
    assert page["neighbour"] == MARKUP


def test_nothing_is_wrong_and_nothing_comes_from_elsewhere(service: Service, page: dict[str, Any]) -> None:
    assert (page["console"], page["errors"], page["violations"], page["failed"]) == ([], [], [], [])
    assert [url for url in page["requests"] if not url.startswith(origin(service))] == []


def test_it_has_no_barriers_with_notes_many_notes_or_an_error(seen: dict[str, Any]) -> None:
    for name in (*VIEWS, "leafed", "lost"):
        assert seen[name]["barriers"] == [], name
    assert {"color-contrast", "label", "list", "listitem", "button-name"} <= set(seen["leafed"]["rules"])


def test_it_is_no_wider_than_the_screen(page: dict[str, Any]) -> None:
    assert page["wide"] <= 0


def test_older_notes_come_page_by_page_and_once_each(seen: dict[str, Any]) -> None:
    leafed = seen["leafed"]
    assert leafed["counts"] == [20, 40, 48]
    assert leafed["all"] == [*(f"Note {number}" for number in reversed(range(45))), LONG, MARKUP, "Milk"]
    assert leafed["focus"] == ["Note 24", "Note 4"]
    assert (leafed["console"], leafed["errors"]) == ([], [])


def test_an_error_is_said_in_the_services_words(service: Service, seen: dict[str, Any]) -> None:
    lost = seen["lost"]
    said = "text must be a string of 1 to 1000 characters"
    if service.project.answers["framework"] == "fastify":
        said = "body/text must NOT have more than 1000 characters"
    assert lost["refused"] == ["", f"That did not work: {said}"]
    assert lost["silent"] == ["", "That did not work: the service does not answer"]


def test_a_note_whose_answer_is_lost_is_stored_once(seen: dict[str, Any]) -> None:
    assert seen["lost"]["once"] == [1, 1]
    assert seen["lost"]["twice"] == 2, "a note with the text of another one is a note"


def test_what_another_person_has_deleted_goes_without_an_error(seen: dict[str, Any]) -> None:
    assert seen["lost"]["gone"] == 0
