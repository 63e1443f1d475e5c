"""Prisma: its client is generated in the build, asks the database of the project, and fails as the page says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.recipes.beside import (
    STATES,
    assert_refused_in_time,
    assert_rest_serves,
    assert_stops_in_order,
    container_of,
    in_state,
    running,
    timed,
)
from support.running import Response, Service, files_of, is_ready, wait_until

# A statement has five seconds and a half, and a new connection four.
LIMIT = 11.0
JSON = {"content-type": "application/json"}
STALE = "throw new Error('not of this build');\n"
# What npm installs for production because @prisma/client names it as an optional peer.
TOOLS = ("prisma", "@prisma/studio-core", "@prisma/dev", "effect", "@typescript")
# Megabytes. With the tools that the page leaves out it is more than 350.
LARGEST = 260


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service with its database, built where an older client lies beside the sources."""
    stale = recipe.project.path / "src" / "generated" / "client.ts"
    stale.parent.mkdir()
    stale.write_text(STALE, encoding="utf-8")
    with running(recipe, "database") as service:
        yield service


def write(service: Service, text: str) -> str:
    """Create a note by SQL; return its path."""
    answer = service.get("/notes", "POST", body=json.dumps({"text": text}), headers=JSON)
    assert answer.status == 201, answer
    return answer.headers["location"]


def read(service: Service, path: str) -> tuple[Response, float]:
    """Read a note by Prisma, and say how many seconds that took."""
    return timed(service, path, seconds=30)


def ask(service: Service, sql: str) -> str:
    """Return what psql prints in the database's container."""
    command = ["psql", "--username=app", "--no-align", "--tuples-only", f"--command={sql}"]
    result = container_of(service, "database").exec_run(command)
    assert result.exit_code == 0, result.output
    assert isinstance(result.output, bytes)
    return result.output.decode().strip()


def test_what_sql_writes_prisma_reads(service: Service) -> None:
    text = "'); DROP TABLE notes; -- \N{SNOWMAN}"
    written = service.get("/notes", "POST", body=json.dumps({"text": text}), headers=JSON)
    found, _ = read(service, written.headers["location"])
    assert (found.status, json.loads(found.body)) == (200, json.loads(written.body))
    assert json.loads(found.body)["text"] == text
    for path in ("/notes/999999999", "/notes/abc", f"/notes/{'9' * 18}"):
        assert read(service, path)[0].status == 404


def test_production_has_the_client_of_this_build_and_no_tool(service: Service) -> None:
    """The service would not have started with the one beside the sources."""
    files = files_of(service.client, service.tag)
    folder, end = ("dist", "js") if service.project.answers["language"] == "typescript" else ("src", "ts")
    assert f"app/{folder}/generated/client.{end}" in files
    assert files[f"app/{folder}/generated/client.{end}"].mtime == 0
    tools = {name for name in TOOLS for file in files if file.startswith(f"app/node_modules/{name}/")}
    assert tools == set()
    assert service.image.attrs["Size"] / 1e6 < LARGEST


def test_a_changed_schema_gives_another_client_in_the_development_image(service: Service) -> None:
    """As in `make dev`, by the user that it runs as."""
    schema = "model Other {\n  id Int @id\n}\n"
    container = service.client.containers.create(
        f"{service.project.slug}:test",
        ["sh", "-ec", f"printf '%s' '{schema}' >> schema.prisma; node --run generate >&2; ls src/generated/models"],
        network_mode="none",
    )
    try:
        container.start()
        assert container.wait()["StatusCode"] == 0, container.logs().decode()
        assert container.logs(stderr=False).decode().split() == ["Note.ts", "Other.ts"]
    finally:
        container.remove(force=True)


def test_prisma_has_no_connections_of_its_own(service: Service) -> None:
    """Forty at a time: ten connections for them all, as without it."""
    path = write(service, "pool")
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(lambda _: read(service, path)[0].status, range(200)))
    assert answers == [200] * 200
    count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    assert 1 <= int(ask(service, count)) <= 10


def test_a_query_that_waits_for_a_lock_is_given_up(service: Service) -> None:
    path = write(service, "locked")
    with ThreadPoolExecutor(1) as threads:
        sql = "BEGIN; LOCK TABLE notes; SELECT pg_sleep(8); COMMIT"
        holding = threads.submit(ask, service, sql)
        waits = "SELECT count(*) FROM pg_locks WHERE relation = 'notes'::regclass AND mode = 'AccessExclusiveLock'"
        assert wait_until(lambda: ask(service, waits) == "1", 5)
        assert_refused_in_time(read(service, path), 7)
        holding.result()
    assert read(service, path)[0].status == 200


@pytest.mark.parametrize("state", STATES[1:])
def test_without_the_database_a_query_fails_in_time_and_it_is_found_again(service: Service, state: str) -> None:
    path, started = write(service, state), service.container.attrs["State"]["StartedAt"]
    with in_state(container_of(service, "database"), state):
        assert_refused_in_time(read(service, path), LIMIT)
        assert_rest_serves(service, LIMIT)
    assert wait_until(lambda: is_ready(service.port), 30)
    assert read(service, path)[0].status == 200
    assert service.container.attrs["State"]["StartedAt"] == started


@pytest.mark.parametrize("state", STATES)
def test_a_stop_exits_with_0(service: Service, state: str) -> None:
    path = write(service, "stop")
    assert read(service, path)[0].status == 200
    assert_stops_in_order(service, "database", state, 60)
