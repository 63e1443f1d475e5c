"""Postgres that is not there, gone, hanging, slow or busy: what clients get, and that it ends with the fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from docker.models.networks import Network

from support.data.notes import (
    FOLLOWS,
    accepts,
    assert_follows,
    assert_unavailable,
    database_of,
    events,
    fill_up,
    held,
    project_with,
    psql,
    status,
    texts,
    with_a_small_disk,
    write,
)
from support.running import Service, wait_until
from support.runtime.containers import main_instance

LOCK = "LOCK TABLE notes IN ACCESS EXCLUSIVE MODE;"
# DATABASE_TIMEOUT_MS, and what the driver and a busy machine add.
STATEMENT = 5.0
LATE = 2.5


def network_of(container: Container) -> Network:
    """Return the network that a container is on."""
    assert container.client is not None
    [network] = container.attrs["NetworkSettings"]["Networks"]
    return container.client.networks.get(network)


def signal_all(container: Container, signal: str) -> None:
    """Send a signal to each process of Postgres: the first one, which only the engine can stop, and all others.

    Not `docker pause`: it may freeze a health check that is just starting, and then neither it nor the engine goes on.
    """
    container.kill(f"SIG{signal}")
    assert container.exec_run(["sh", "-c", f"kill -{signal} -1"]).exit_code == 0


def ended(container: Container, way: str) -> None:
    """Take the database away: stopped as by its owner, killed, hanging, or cut off the network without a word."""
    if way == "stop":
        container.stop()
    elif way == "kill":
        container.kill()
    elif way == "hang":
        signal_all(container, "STOP")
    else:
        network_of(container).disconnect(container)


def back(service: Service, way: str) -> None:
    """Bring the database back, and wait until it accepts connections."""
    container = database_of(service)
    if way == "hang":
        signal_all(container, "CONT")
    elif way == "cut":
        network_of(service.container).connect(container, aliases=["database"])
    else:
        container.start()
    assert wait_until(lambda: accepts(service), 30)


@contextmanager
def without(service: Service, way: str) -> Iterator[None]:
    """Have no database for as long as this lasts."""
    ended(database_of(service), way)
    try:
        yield
    finally:
        back(service, way)


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something took."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


@pytest.mark.parametrize(
    "way", ["stop", "hang", *(pytest.param(way, marks=pytest.mark.full) for way in ("kill", "cut"))]
)
def test_gone_while_serving_and_back(
    postgres: Service, way: str, record_property: Callable[[str, object], None]
) -> None:
    """Readiness follows within two seconds, requests are 503 within their limits, the process lives on."""
    before = main_instance(postgres).identity
    assert write(postgres, f"before {way}").status == 201
    with without(postgres, way):
        down = assert_follows(postgres, 503)
        answered = timed(lambda: assert_unavailable(write(postgres, "lost")))
        assert answered < STATEMENT + LATE
        assert status(postgres, "/livez") == status(postgres, "/") == 200
    up = assert_follows(postgres, 200)
    assert write(postgres, f"after {way}").status == 201
    assert {f"before {way}", f"after {way}"} <= set(texts(postgres))
    assert main_instance(postgres).identity == before
    record_property("measured", f"{way}: not ready after {down:.1f} s, ready {up:.1f} s after it accepted")


@pytest.mark.full
def test_connections_are_open_before_a_request_needs_one_and_do_not_go_stale(postgres: Service) -> None:
    """Four outlast the pool's idle time of ten seconds; a probe every ten keeps firewalls from forgetting them."""
    postgres.container.restart()
    assert_follows(postgres, 200, 30)
    time.sleep(12)
    assert int(psql(postgres, "SELECT count(*) FROM pg_stat_activity WHERE client_port > 0")) >= 4
    table = main_instance(postgres).execute("node", "-p", "fs.readFileSync('/proc/net/tcp', 'utf8')")[1]
    # Kernel documentation, proc_net_tcp: timer 2 is keepalive, and when it expires, in hundredths of a second.
    rows = [line.split() for line in table.splitlines()[1:] if line]
    is_open = "01"  # unlike a fifth, which a probe opened at the start and which has been idle
    timers = [row[5].split(":") for row in rows if row[2].endswith(f":{5432:04X}") and row[3] == is_open]
    assert {kind for kind, _ in timers} == {"02"}, table
    assert all(int(when, 16) <= 1000 for _, when in timers), table


def test_forty_requests_while_it_hangs_end_within_the_limits(postgres: Service) -> None:
    """Ten hold the pool, the others wait for a connection; none waits for ever, and the pool is whole afterwards."""
    with without(postgres, "hang"):
        start = time.monotonic()
        with ThreadPoolExecutor(40) as threads:
            answers = list(threads.map(lambda number: write(postgres, f"hanging {number}"), range(40)))
        assert time.monotonic() - start < STATEMENT + LATE
        for answer in answers:
            assert_unavailable(answer)
    assert_follows(postgres, 200)
    with ThreadPoolExecutor(40) as threads:
        assert {answer.status for answer in threads.map(lambda _: write(postgres, "whole"), range(40))} == {201}


def test_slow_statements_are_cut_and_the_pool_recovers(postgres: Service) -> None:
    """Each gets its limit; once the table is free, all connections are."""
    with held(postgres, LOCK):
        start = time.monotonic()
        with ThreadPoolExecutor(30) as threads:
            answers = list(threads.map(lambda _: postgres.get("/notes", seconds=30), range(30)))
        assert time.monotonic() - start < STATEMENT + LATE
        for answer in answers:
            assert_unavailable(answer)
        assert psql(postgres, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "0"
    assert_follows(postgres, 200)
    with ThreadPoolExecutor(10) as threads:
        assert {answer.status for answer in threads.map(lambda _: write(postgres, "free"), range(10))} == {201}


def test_not_there_at_start(postgres: Service) -> None:
    """It waits and says so once, is not ready meanwhile, and serves when the database comes."""
    container = postgres.container
    container.stop()
    with without(postgres, "stop"):
        since = time.time()
        container.start()
        waiting = b"waiting for the database at database:5432"
        assert wait_until(lambda: waiting in container.logs(since=int(since)), 10)
        time.sleep(2)
        assert status(postgres) in (0, 503)
        assert container.logs(since=int(since)).count(waiting) == 1
    assert_follows(postgres, 200, FOLLOWS + 1)


@pytest.mark.parametrize("command", [None, "migrate"], ids=["the service", "a migration"])
def test_gives_up_after_a_bound_with_one_line(postgres: Service, command: str | None) -> None:
    """The service and the migration alike: exit code 1, and the last line names host, limit and reason."""
    image = postgres.image
    script = main_instance(postgres).script(command) if command else ""
    with without(postgres, "stop"):
        container = postgres.client.containers.run(
            image,
            ["node", script] if command else None,
            environment={"DATABASE_WAIT_MS": "1500", "DATABASE_URL": "postgres://app:secret@database:5432/app"},
            network=f"{postgres.project.slug}_default",
            detach=True,
        )
        try:
            start = time.monotonic()
            assert container.wait(timeout=20)["StatusCode"] == 1
            assert time.monotonic() - start < 6
            lines = container.logs().decode().splitlines()
        finally:
            container.remove(force=True)
    assert "gave up on the database at database:5432 after 1500 ms: " in lines[-1]
    assert "secret" not in "".join(lines)
    assert len(lines) == 2, lines
    assert_follows(postgres, 200, FOLLOWS + 1)


def test_a_wrong_password_is_one_line_and_the_version_before_serves_on(
    postgres: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = main_instance(postgres).identity
    monkeypatch.setenv("APP_DATABASE_URL", "postgres://app:not-this-one@database:5432/app")
    result = postgres.project.make("run", PORT=str(postgres.port))
    assert result.returncode != 0
    refusal = 'no login to the database at database:5432: password authentication failed for user "app"'
    assert [line for line in result.stderr.splitlines() if "no login" in line] == [refusal]
    assert "not-this-one" not in result.stdout + result.stderr
    assert main_instance(postgres).identity == before
    assert status(postgres) == 200


@pytest.mark.full
def test_too_many_connections(postgres: Service) -> None:
    """Another program has them all: 503, and service as soon as there is one."""
    settings = {"max_connections": "6", "max_wal_senders": "0", "superuser_reserved_connections": "0"}
    for name, value in settings.items():
        psql(postgres, f"ALTER SYSTEM SET {name} = {value}")
    database_of(postgres).restart()
    assert wait_until(lambda: accepts(postgres), 30)
    with ExitStack() as stack:
        with without(postgres, "cut"):  # so that the service takes none
            psql(postgres, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'psql'")
            for _ in range(6):
                stack.enter_context(held(postgres, "SELECT 1;"))
        assert_follows(postgres, 503)
        assert_unavailable(write(postgres, "too many"))
        said = [str(event.get("err")) for event in events(postgres)]
        assert any("too many" in line for line in said), said[-5:]
    assert_follows(postgres, 200)
    assert write(postgres, "enough").status == 201
    psql(postgres, "ALTER SYSTEM RESET ALL")
    database_of(postgres).restart()
    assert wait_until(lambda: accepts(postgres), 30)
    assert_follows(postgres, 200)


def test_a_drain_finishes_a_transaction_in_flight_and_then_closes_the_pool(postgres: Service) -> None:
    """The request that waits for a lock is answered 201 after SIGTERM; Postgres sees every connection end in order."""
    instance = main_instance(postgres)
    psql(postgres, "ALTER SYSTEM SET log_disconnections = on")
    psql(postgres, "SELECT pg_reload_conf()")
    since = int(time.time())
    with ThreadPoolExecutor(1) as threads:
        with held(postgres, LOCK):
            answer = threads.submit(write, postgres, "in flight")
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            assert wait_until(lambda: psql(postgres, waiting) == "1", 5)
            start = instance.drain()
            time.sleep(1)
            assert not answer.done()
        assert answer.result().status == 201
    code, seconds = instance.ended(start)
    assert code == 0
    assert seconds < 8
    assert psql(postgres, "SELECT count(*) FROM notes WHERE text = 'in flight'") == "1"
    assert psql(postgres, "SELECT count(*) FROM pg_stat_activity WHERE client_port > 0") == "0"
    log = database_of(postgres).logs(since=since).decode()
    assert "disconnection: session time" in log
    assert "unexpected EOF" not in log
    assert "Connection reset" not in log
    postgres.run()


@pytest.mark.full
def test_a_disk_that_is_full(client: docker.DockerClient, tmp_path: Path) -> None:
    """A 503 for what does not fit, reads go on, nobody crashes; there is service once there is room."""
    project = project_with(tmp_path, client, database="postgres", framework="http")
    with project as service, with_a_small_disk(service, "database", 128):
        before = main_instance(service).identity
        assert write(service, "before").status == 201
        fill = ["dd", "if=/dev/zero", "of=/var/lib/postgresql/fill", "bs=8k"]
        assert b"No space left on device" in database_of(service).exec_run(fill).output
        kept = ["before", *fill_up(service)]
        assert status(service, "/livez") == 200
        assert set(texts(service)) == set(kept)
        assert database_of(service).exec_run(["rm", "/var/lib/postgresql/fill"]).exit_code == 0
        assert_follows(service, 200, 10)
        assert write(service, "room").status == 201
        assert {*kept, "room"} == set(texts(service))
        assert main_instance(service).identity == before
