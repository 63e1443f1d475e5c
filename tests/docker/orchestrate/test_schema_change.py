"""A roll-out across a schema change on a real Swarm: expand, migrate, contract, there and back, under 64 clients."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator

import docker
import pytest

from loopback import free_port
from support.data.given import Given, given_database
from support.orchestrate.load import Counts, load
from support.orchestrate.stack import Stack, deployed
from support.running import Record, project_of, request, wait_until

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
STORE = "src/notes-store.js"
BODY = b'{"text":"hi"}'
READ = b"GET /notes?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
WRITE = b"POST /notes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)
# The column `text` becomes `body`. Each step: its migration, and what the code reads and writes with it.
STEPS = {
    "0002-expand": (
        "ALTER TABLE notes ADD COLUMN body text;",
        "coalesce(body, text) AS text",
        "(text, body, key) VALUES ($1, $1, $2)",
    ),
    "0003-migrate": (
        "UPDATE notes SET body = text WHERE body IS NULL;\nALTER TABLE notes ALTER COLUMN text DROP NOT NULL;",
        "body AS text",
        "(body, key) VALUES ($1, $2)",
    ),
    "0004-contract": ("ALTER TABLE notes DROP COLUMN text;", "body AS text", "(body, key) VALUES ($1, $2)"),
}
READS, WRITES = "AS id, text, created_at", "(text, key) VALUES ($1, $2)"


@pytest.fixture(scope="module")
def given(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """The database that the stack is given."""
    with given_database(client, tmp_path_factory.mktemp("given")) as database:
        yield database


@pytest.fixture(scope="module")
def stack(
    client: docker.DockerClient,
    swarm: None,  # noqa: ARG001
    registry: str,
    balancer: str,  # noqa: ARG001
    given: Given,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """A project with Postgres for a Swarm, its secrets made as the README says, deployed."""
    folder = tmp_path_factory.mktemp("schema")
    with project_of(folder, client, orchestrator="swarm", database="postgres") as service:
        found = Stack(service.project, registry, free_port(), client)
        status, output = found.make("deploy")
        missing = f"{found.project.slug}_database_url"
        assert status != 0
        assert f"Missing secret: {missing} or " in output
        secrets = {"url": given.url, "ca": given.authority}
        for name, content in secrets.items():
            command = ["docker", "secret", "create", f"{found.project.slug}_database_{name}", "-"]
            subprocess.run(command, input=content, text=True, check=True, capture_output=True)
        try:
            with deployed(service, registry) as stack:
                yield stack
        finally:
            for name in secrets:
                command = ["docker", "secret", "rm", f"{found.project.slug}_database_{name}"]
                subprocess.run(command, check=True, capture_output=True)


def is_settled(stack: Stack) -> bool:
    """Whether three replicas are behind the balancer within a while."""
    return wait_until(lambda: stack.is_healthy(3) and stack.servers() == 3 and stack.is_answering(), 60)


def change(stack: Stack, step: str) -> None:
    """Add the migration of a step and change the code with it."""
    migration, reads, writes = STEPS[step]
    (stack.project.path / "migrations" / f"{step}.sql").write_text(f"{migration}\n", encoding="utf-8")
    file = stack.project.path / STORE
    text = original(stack)
    assert text.count(READS) == text.count(WRITES) == 1
    file.write_text(text.replace(READS, f"AS id, {reads}, created_at").replace(WRITES, writes), encoding="utf-8")


def original(stack: Stack) -> str:
    """Return the code of the first version."""
    kept = stack.project.path.parent / "original.js"
    if not kept.exists():
        kept.write_text(stack.project.read(STORE), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def nothing_failed(stack: Stack, *every: Counts) -> None:
    """Fail unless every request was answered, on a connection that was never reset; with what the replicas say."""
    for counts in every:
        if counts.failed or counts.resets:
            label = f"com.docker.swarm.service.name={stack.project.slug}_app"
            replicas = stack.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
            lines = [line for replica in replicas for line in replica.logs().decode().splitlines()]
            said = [line for line in lines if '"level":"info"' not in line]
            pytest.fail("\n".join([f"{counts.failed}, {counts.resets} resets", *said[-20:]]))
        assert counts.answered


def test_the_connection_is_encrypted_and_the_migration_has_run(stack: Stack, given: Given) -> None:
    assert is_settled(stack)
    assert given.ask("SELECT name FROM migrations") == "0001-notes.sql"
    # Beside our own, the pools of three replicas.
    assert (
        given.ask("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app'")
        == "t"
    )
    answer = request(stack.port, "/notes", "POST", BODY, {"content-type": "application/json"})
    assert answer.status == 201


def test_a_migration_that_fails_rolls_nothing_out(stack: Stack, given: Given) -> None:
    assert is_settled(stack)
    before = {container.id for container in stack.containers()}
    bad = stack.project.path / "migrations" / "0002-bad.sql"
    bad.write_text("ALTER TABLE nothing ADD COLUMN a text;\n", encoding="utf-8")
    try:
        status, output = stack.make("deploy")
    finally:
        bad.unlink()
    assert status != 0
    assert "0002-bad.sql failed and changed nothing" in output
    assert "The migration failed: nothing was rolled out" in output
    assert {container.id for container in stack.containers()} == before
    assert given.ask("SELECT count(*) FROM migrations") == "1"
    assert f"{stack.project.slug}_migrate" not in {service.name for service in stack.client.services.list()}


def test_three_roll_outs_there_and_back_across_a_schema_change(
    stack: Stack, given: Given, record_property: Record
) -> None:
    """Old and new replicas serve side by side at each step; nobody sees an error, and no note is without its text."""
    assert is_settled(stack)
    assert request(stack.port, "/notes", "POST", BODY, {"content-type": "application/json"}).status == 201
    for number, step in enumerate(STEPS, 2):
        change(stack, step)
        # On a busy machine the first connections of all pools at once take seconds: not what is asked here.
        with load(stack.port, get=READ):
            time.sleep(5)
        with load(stack.port, gets=48, posts=16, get=READ, post=WRITE) as (reads, writes):
            time.sleep(1)
            stack.deploy(f"TAG=0.{number}.0")
            time.sleep(1)
            # Back to the code before, on the schema of now; the code of the last two steps is the same.
            stack.rollback()
            time.sleep(1)
            stack.deploy(f"TAG=0.{number}.0")
            time.sleep(1)
        record_property(
            "measured", f"{step}: {sum(reads.answered.values())} read, {sum(writes.answered.values())} written"
        )
        nothing_failed(stack, reads, writes)
        assert is_settled(stack)
        assert {json.loads(body)["notes"][0]["text"] for body in reads.answered} == {"hi"}
    assert given.ask("SELECT count(*) FROM notes WHERE body IS NULL") == "0"
    applied = given.ask("SELECT string_agg(name, ' ' ORDER BY name) FROM migrations")
    assert applied == "0001-notes.sql 0002-expand.sql 0003-migrate.sql 0004-contract.sql"
