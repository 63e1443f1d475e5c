"""The worker: its jobs are done once, or again after a stop, a kill, a crash or a failure, and it is looked after."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing

import pytest
from docker.models.containers import Container

from support.recipes.beside import becomes, container_of, in_state, running
from support.recipes.jobs import JSON, add_job, job, post_job
from support.running import Service, is_ready, wait_until

# What an owner would write in place of the example: the message says what the job does.
EXAMPLE = "  await sleep(1000, undefined, { signal });\n"
WORK = """  console.log(`begins ${data.message}`);
  if (data.message === 'crash') process.exit(1);
  if (data.message === 'fail') throw new Error('on purpose');
  if (data.message.startsWith('deaf')) await sleep(60000);
  await sleep(Number(data.message), undefined, { signal });
"""
# A tenth of what they are: after how long a job counts as left by its worker.
OPTIONS = "concurrency: 10, "
QUICKER = "concurrency: 10, lockDuration: 3000, stalledInterval: 3000, "


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service and its worker, which does what a job's message says."""
    end = {"typescript": "ts", "javascript": "js"}[recipe.project.answers["language"]]
    path = recipe.project.path / "src" / f"worker.{end}"
    source = path.read_text(encoding="utf-8")
    assert (source.count(EXAMPLE), source.count(OPTIONS)) == (1, 1)
    path.write_text(source.replace(EXAMPLE, WORK).replace(OPTIONS, QUICKER), encoding="utf-8")
    with running(recipe, "redis") as service:
        yield service


@pytest.fixture
def worker(service: Service) -> Iterator[Container]:
    """The worker, which runs before each test and after it."""
    yield container_of(service, "worker")
    container_of(service, "worker").start()
    assert becomes(service, "worker", "healthy", 40)


def lines(service: Service) -> list[str]:
    """Return the worker's log, that of its earlier runs too."""
    return container_of(service, "worker").logs().decode().splitlines()


def begun(service: Service, message: str) -> int:
    """Return how often a job was begun."""
    return lines(service).count(f"begins {message}")


def is_done(service: Service, identity: str, seconds: float) -> bool:
    """Whether a job is completed within `seconds`."""
    return wait_until(lambda: bool(job(service, identity)["state"] == "completed"), seconds)


def started(service: Service, message: str) -> str:
    """Add a job, and wait until it is being done; return its id."""
    identity = add_job(service, message)
    assert wait_until(lambda: begun(service, message) == 1, 20)
    return identity


def exit_code(worker: Container) -> int:
    """Return the code that a container ended with."""
    worker.reload()
    code: int = worker.attrs["State"]["ExitCode"]
    return code


def test_a_job_is_done_once_and_its_result_is_told(service: Service, worker: Container) -> None:
    identity = add_job(service, "10")
    assert is_done(service, identity, 20)
    assert job(service, identity)["result"] == "Hello, 10!"
    assert begun(service, "10") == 1
    assert worker.attrs["Image"] == service.container.attrs["Image"]


def test_the_worker_is_as_hardened_as_the_service_and_cannot_be_reached(service: Service, worker: Container) -> None:
    assert not any(worker.attrs["NetworkSettings"]["Ports"].values())
    names = ("ReadonlyRootfs", "CapDrop", "SecurityOpt", "Memory", "PidsLimit", "Tmpfs", "Init", "RestartPolicy")
    ours, theirs = (container.attrs["HostConfig"] for container in (worker, service.container))
    assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}


def test_at_a_stop_it_finishes_what_it_has_begun(service: Service, worker: Container) -> None:
    identity = started(service, "3001")
    worker.stop(timeout=10)
    assert exit_code(worker) == 0
    assert job(service, identity)["state"] == "completed"
    assert begun(service, "3001") == 1


def test_what_a_stop_cuts_off_is_done_again(service: Service, worker: Container) -> None:
    identity = started(service, "8001")
    worker.stop(timeout=10)
    assert exit_code(worker) == 0
    assert job(service, identity)["state"] in {"delayed", "waiting"}
    worker.start()
    assert is_done(service, identity, 40)
    assert begun(service, "8001") == 2


def test_a_job_that_does_not_end_is_left_to_the_next_worker(service: Service, worker: Container) -> None:
    started(service, "deaf")
    worker.stop(timeout=10)
    assert exit_code(worker) == 1
    assert json.loads(lines(service)[-1])["msg"] == "shutdown timed out"
    worker.start()
    assert wait_until(lambda: begun(service, "deaf") == 2, 40)
    # It would delay every stop to come.
    worker.kill()
    redis = container_of(service, "redis")
    assert redis.exec_run(["redis-cli", "flushall"]).exit_code == 0


def test_a_job_of_a_killed_worker_is_done_by_its_successor(service: Service, worker: Container) -> None:
    identity = started(service, "2001")
    worker.kill()
    assert job(service, identity)["state"] == "active"
    worker.start()
    assert is_done(service, identity, 40)
    assert begun(service, "2001") == 2


def test_a_job_that_ends_workers_fails_in_the_end_and_the_others_are_done(service: Service, worker: Container) -> None:
    """compose.yaml starts the worker again; four times it takes the job."""
    crash = add_job(service, "crash")
    other = add_job(service, "20")
    assert wait_until(lambda: bool(job(service, crash)["state"] == "failed"), 120)
    assert begun(service, "crash") == 4
    assert is_done(service, other, 40)
    worker.reload()
    assert worker.attrs["RestartCount"] == 4


@pytest.mark.usefixtures("worker")
def test_a_job_that_fails_is_tried_five_times(service: Service) -> None:
    identity = add_job(service, "fail")
    assert wait_until(lambda: bool(job(service, identity)["state"] == "failed"), 60)
    assert begun(service, "fail") == 5
    logged = [json.loads(line) for line in lines(service) if line.startswith("{")]
    failures = [line for line in logged if line["msg"] == "job failed" and line.get("job") == identity]
    assert [(line["level"], line["err"]["message"]) for line in failures] == [("error", "on purpose")] * 5
    assert "on purpose" not in json.dumps(job(service, identity))


@pytest.mark.usefixtures("worker")
def test_done_jobs_do_not_fill_redis(service: Service) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
        for _ in range(1050):
            connection.request("POST", "/jobs", '{"message":"0"}', JSON)
            response = connection.getresponse()
            assert response.status == 202
            last = json.loads(response.read())["id"]
    assert is_done(service, last, 60)
    redis = container_of(service, "redis")

    def kept() -> int:
        output: bytes = redis.exec_run(["redis-cli", "zcard", "bull:jobs:completed"]).output  # type: ignore[assignment]
        return int(output)

    assert wait_until(lambda: kept() == 1000, 20), kept()


def test_without_redis_the_worker_is_unhealthy_until_it_is_back(service: Service, worker: Container) -> None:
    identity = started(service, "5001")
    with in_state(container_of(service, "redis"), "away"):
        assert becomes(service, "worker", "unhealthy", 90)
        assert post_job(service, "refused").status == 500
    assert becomes(service, "worker", "healthy", 60)
    assert wait_until(lambda: is_ready(service.port), 20)
    # What was done meanwhile is told, or it is done again.
    assert is_done(service, identity, 60)
    assert is_done(service, add_job(service, "30"), 60)
    worker.reload()
    assert worker.attrs["State"]["Health"]["FailingStreak"] == 0
