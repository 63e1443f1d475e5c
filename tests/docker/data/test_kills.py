"""kill -9 in the middle of writes: whatever was answered 201 is there afterwards."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from support.data.notes import Writer, accepts, assert_follows, database_of, status, texts, writing
from support.running import Record, Service, wait_until

# In each run; in the full one as many as the issue of data's promise says.
FEW, MANY = 2, 20
NUMBERS = [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.full)]


def assert_kept(service: Service, writers: list[Writer], record: Record, kills: int) -> None:
    """Every note that was answered 201 is there, once."""
    kept = texts(service)
    acknowledged = [text for writer in writers for text in writer.acknowledged]
    assert set(acknowledged) - set(kept) == set()
    assert len(kept) == len(set(kept))
    assert len(acknowledged) > kills * 5, "there was something to lose"
    refused = sum(writer.refused for writer in writers)
    record("measured", f"{kills} kills: {len(acknowledged)} answered and kept, {refused} cut or refused")


def kill_repeatedly(service: Service, kills: int, kill: Callable[[int], None], restore: Callable[[int], None]) -> None:
    """Kill at a random moment, let it come back, and so on; the service is ready in between."""
    moments = random.Random(kills)  # noqa: S311
    for number in range(kills):
        time.sleep(moments.uniform(0.2, 1.2))
        kill(number)
        restore(number)
        assert wait_until(lambda: status(service) == 200, 30)


def killed(service: Service, victim: int) -> None:
    """Kill the service, Postgres, or both."""
    if victim != 1:
        service.container.kill()
    if victim != 0:
        database_of(service).kill()


def restored(service: Service, victim: int) -> None:
    """Start again what was killed: an engine does not, after a kill by hand."""
    if victim != 0:
        database_of(service).start()
        assert wait_until(lambda: accepts(service), 60)
    if victim != 1:
        service.container.start()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", NUMBERS)
def test_postgres_loses_nothing_that_was_answered(postgres: Service, record_property: Record, kills: int) -> None:
    """The service, Postgres and both in turn."""
    with writing(postgres, f"kill-{kills}") as writers:
        kill_repeatedly(
            postgres,
            kills,
            lambda number: killed(postgres, number % 3),
            lambda number: restored(postgres, number % 3),
        )
    assert_follows(postgres, 200)
    assert_kept(postgres, writers, record_property, kills)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", NUMBERS)
def test_sqlite_loses_nothing_that_was_answered(sqlite: Service, record_property: Record, kills: int) -> None:
    """A kill of the process: the engine has it no more, and the file is as the log beside it says."""
    with writing(sqlite, f"kill-{kills}") as writers:
        kill_repeatedly(sqlite, kills, lambda _: sqlite.container.kill(), lambda _: sqlite.container.start())
    assert_kept(sqlite, writers, record_property, kills)
