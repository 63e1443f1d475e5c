"""Redis: what the service answers while it is there, away or hanging, and that it comes back by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from docker.models.containers import Container

from support.recipes.beside import (
    STATES,
    assert_refused_in_time,
    assert_rest_serves,
    assert_stops_in_order,
    container_of,
    in_state,
    is_alive,
    running,
    timed,
)
from support.recipes.page import page_of
from support.recipes.secrets import mount_secrets, write_secret
from support.running import Service, is_ready, wait_until

AT_ONCE = 0.5  # seconds
# The limit of a command is a second, that of /readyz one and a half.
LIMIT = 2.0


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service as the page leaves it, with its Redis."""
    with running(recipe, "redis") as service:
        yield service


def redis_of(service: Service) -> Container:
    """Return the container of Redis."""
    return container_of(service, "redis")


def visit(service: Service) -> int:
    """Count a visit; return the number that the service answers."""
    answer = service.get("/visits", "POST")
    assert answer.status == 200, answer
    count: int = json.loads(answer.body)["visits"]
    return count


def assert_serves_without_redis(service: Service, limit: float) -> None:
    """What needs Redis fails within a limit, and says nothing about it; the rest goes on."""
    assert_refused_in_time(timed(service, "/visits", "POST"), limit)
    assert_rest_serves(service, LIMIT)


def test_it_counts_and_the_count_outlives_a_stop(service: Service) -> None:
    count = visit(service)
    assert visit(service) == count + 1
    assert service.project.make("stop").returncode == 0
    service.run()
    assert visit(service) == count + 2


def test_only_the_service_reaches_redis_and_redis_is_hardened(service: Service) -> None:
    attributes = redis_of(service).attrs
    assert not any(attributes["NetworkSettings"]["Ports"].values())
    host = attributes["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], attributes["Config"]["User"]) == (True, ["ALL"], "redis")
    assert "no-new-privileges:true" in host["SecurityOpt"]


def test_while_redis_is_away_requests_fail_at_once_and_it_comes_back(service: Service) -> None:
    count, started = visit(service), service.container.attrs["State"]["StartedAt"]
    with in_state(redis_of(service), "away"):
        assert_serves_without_redis(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 10)
    assert visit(service) == count + 1
    assert service.container.attrs["State"]["StartedAt"] == started


def test_it_starts_without_redis(service: Service) -> None:
    with in_state(redis_of(service), "away"):
        service.container.restart()
        assert wait_until(lambda: is_alive(service), 10)
        assert_serves_without_redis(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 10)


def test_a_redis_that_hangs_delays_nothing_for_long(service: Service) -> None:
    with in_state(redis_of(service), "hanging"):
        assert_serves_without_redis(service, LIMIT)
        assert_serves_without_redis(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 10)
    assert visit(service) > 0


@pytest.mark.parametrize("state", STATES)
def test_a_stop_exits_with_0(service: Service, state: str) -> None:
    assert_stops_in_order(service, "redis", state, 20)


def test_another_redis_by_a_url_from_a_file(service: Service) -> None:
    """Another database of the same Redis stands for it: its count is one of its own."""
    visit(service)
    page = page_of("redis")
    [variable] = [line for line in page.text.splitlines() if line.startswith("REDIS_URL_FILE=")]
    mount_secrets(service, page)
    write_secret(service, "redis-url", "redis://redis:6379/1")
    (service.project.path / ".env").write_text(f"{variable}\n", encoding="utf-8")
    service.run()
    assert visit(service) == 1


@pytest.mark.usefixtures("resumed")
def test_a_bad_url_stops_the_start(service: Service) -> None:
    (service.project.path / ".env").write_text("REDIS_URL=redis.example.com\n", encoding="utf-8")
    result = service.project.make("run", PORT=str(service.port))
    assert result.returncode != 0
    assert "REDIS_URL must be a redis:// URL" in result.stdout + result.stderr
