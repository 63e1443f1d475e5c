"""Memory: the heap follows the container's limit, a leak ends in a line, load leaves nothing behind."""

from __future__ import annotations

import re
import threading
import time

import pytest

from support.running import Record, Service, wait_until
from support.runtime.containers import INJECTED, Instance, InstanceFactory, exits
from support.runtime.frameworks import one_framework
from support.runtime.one_by_default import one_framework_first
from support.runtime.raw import Connection, message

MIB = 1024 * 1024
HEAP_LIMIT = "console.log(v8.getHeapStatistics().heap_size_limit)"
MIXED = (
    message()
    + message("POST", "/echo", "Content-Type: application/json", body=b'{"message":"hi"}')
    + message(target="/nothing")
)


def heap_limit(instance: Instance) -> float:
    """Return the heap limit of a process started by the image's own command, in MiB."""
    *node, _ = instance.container.attrs["Config"]["Cmd"]
    code, output = instance.execute(*node, "-e", HEAP_LIMIT)
    assert code == 0, output
    return int(output) / MIB


@one_framework
def test_heap_follows_the_limit(service: Service, main: Instance, instance: InstanceFactory) -> None:
    option = re.search(r"--max-old-space-size-percentage=(\d+)", service.project.read("Dockerfile"))
    assert option
    share = int(option[1]) / 100
    assert main.container.attrs["HostConfig"]["Memory"] == 1024 * MIB
    # V8 adds the young generation to what is asked for.
    assert share * 1024 <= heap_limit(main) < (share + 0.2) * 1024
    assert share * 256 <= heap_limit(instance(mem_limit="256m")) < (share + 0.2) * 256


@one_framework_first
def test_leak_ends_in_a_fatal_line(instance: InstanceFactory) -> None:
    leaking = instance(code=INJECTED)
    leaking.ask("GET", "/?inject=leak")
    assert wait_until(lambda: exits(leaking) != [], 60)
    # V8 aborts; 137 is the kernel's silent kill.
    assert exits(leaking)[0] == 134
    assert re.search(r"FATAL ERROR: .*heap out of memory", leaking.text(stdout=False))
    assert wait_until(lambda: leaking.is_answering("/readyz"), 15), "and it is restarted"


def resident(instance: Instance) -> float:
    """Return the resident memory of the service, in MiB, as the host's kernel counts it."""
    top = instance.container.top(ps_args="-o pid,rss")
    return max(int(process[1]) for process in top["Processes"]) / 1024


def load(instance: Instance, seconds: float) -> int:
    """Keep 16 connections busy for so long; return the number of answers, all of the expected status."""
    stop = time.monotonic() + seconds
    counts: list[int] = []

    def client() -> None:
        count = 0
        with Connection(instance.port) as connection:
            while time.monotonic() < stop:
                connection.send(MIXED)
                statuses = [reply.status if (reply := connection.reply()) else 0 for _ in range(3)]
                assert statuses == [200, 200, 404], statuses
                count += 3
        counts.append(count)

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 16, "a client failed"
    return sum(counts)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_two_minutes_of_load_do_not_grow_it(instance: InstanceFactory, record_property: Record) -> None:
    target = instance(logging={"driver": "none"})
    before = target.identity
    answers = load(target, 30)  # code is compiled, pools are filled
    samples = [resident(target)]
    for _ in range(8):
        answers += load(target, 15)
        samples.append(resident(target))
    first, last = sum(samples[:3]) / 3, sum(samples[-3:]) / 3
    record_property("measured", f"{answers} answers, resident MiB: {' '.join(f'{sample:.0f}' for sample in samples)}")
    assert last < first * 1.1 + 4, samples
    assert max(samples) < 200
    assert target.identity == before
