"""The job queue: what is added and said without a worker, while Redis is there, away, hanging or full."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from support.recipes.beside import assert_refused_in_time, container_of, in_state, is_alive, running, timed
from support.recipes.jobs import JSON, add_job, ask_for, job, post_job
from support.running import Service, is_ready, wait_until

AT_ONCE = 0.5  # seconds
LIMIT = 2.0
NOBODYS = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service as the page leaves it, with its Redis."""
    with running(recipe, "redis") as service:
        yield service


def redis_cli(service: Service, *command: str) -> str:
    """Return what redis-cli prints."""
    output: bytes = container_of(service, "redis").exec_run(["redis-cli", *command]).output  # type: ignore[assignment]
    return output.decode().strip()


def assert_refused(service: Service, limit: float) -> None:
    """A job is refused within a limit, by an answer that does not say why."""
    assert_refused_in_time(timed(service, "/jobs", "POST", body='{"message":"refused"}', headers=JSON), limit)


def test_a_job_waits_and_outlives_a_stop(service: Service) -> None:
    first, second = add_job(service, "a"), add_job(service, "b")
    assert first != second
    assert job(service, first) == {"id": first, "state": "waiting", "result": None}
    assert service.project.make("stop").returncode == 0
    service.run()
    assert [job(service, identity)["state"] for identity in (first, second)] == ["waiting", "waiting"]


def test_how_often_it_is_tried_and_how_long_it_is_kept(service: Service) -> None:
    options = json.loads(redis_cli(service, "hget", f"bull:jobs:{add_job(service, 'kept')}", "opts"))
    assert (options["attempts"], options["backoff"]["type"], options["backoff"]["delay"]) == (5, "exponential", 1000)
    assert options["removeOnComplete"] == {"age": 3600, "count": 1000}
    assert options["removeOnFail"] == {"age": 7 * 24 * 3600, "count": 1000}


def test_a_bad_job_is_refused(service: Service) -> None:
    assert post_job(service, "").status == 400
    assert post_job(service, "x" * 200_000).status == 413
    assert service.get("/jobs", "POST", body="{}", headers={"content-type": "text/plain"}).status == 415
    assert service.get("/jobs", "DELETE").status == 405


@pytest.mark.parametrize("identity", [NOBODYS, "meta", "id", "wait", "1", "..", "%00", "a:b", "x" * 99])
def test_what_is_no_job_is_404(service: Service, identity: str) -> None:
    """The queue has keys of its own in Redis beside those of jobs."""
    add_job(service, "there")
    answer = ask_for(service, identity)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_while_redis_is_away_jobs_are_refused_at_once_and_none_is_kept_back(service: Service) -> None:
    waiting = redis_cli(service, "llen", "bull:jobs:wait")
    with in_state(container_of(service, "redis"), "away"):
        assert_refused(service, AT_ONCE)
        service.container.restart()
        assert wait_until(lambda: is_alive(service), 10)
        assert_refused(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 20)
    assert redis_cli(service, "llen", "bull:jobs:wait") == waiting
    assert job(service, add_job(service, "back"))["state"] == "waiting"


def test_a_redis_that_hangs_delays_nobody_for_long(service: Service) -> None:
    with in_state(container_of(service, "redis"), "hanging"):
        assert_refused(service, LIMIT)
        assert_refused(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 20)
    assert job(service, add_job(service, "back"))["state"] == "waiting"


def test_a_redis_that_is_full_takes_no_more_and_loses_none(service: Service) -> None:
    identity = add_job(service, "before")
    assert redis_cli(service, "config", "set", "maxmemory", "1") == "OK"
    assert_refused(service, AT_ONCE)
    assert redis_cli(service, "config", "set", "maxmemory", "0") == "OK"
    assert job(service, identity)["state"] == "waiting"
    add_job(service, "after")


@pytest.mark.usefixtures("resumed")
def test_a_stop_exits_with_0(service: Service) -> None:
    service.container.stop(timeout=9)
    assert service.container.attrs["State"]["ExitCode"] == 0
    assert json.loads(service.logs()[-1])["msg"] == "stopped"
