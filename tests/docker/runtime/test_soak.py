"""Longer attacks, for `make test-all`: slowhttptest, and the whole corpus three times in a row."""

from __future__ import annotations

import csv
import io
from collections import Counter

import docker
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from support.running import Record, Service
from support.runtime.containers import Instance
from support.runtime.corpus import CORPUS, is_alive, mutated, responses
from support.runtime.raw import exchange

# The client comes from Debian and stays in a container of its own.
INSTALL = "apt-get update -qq && apt-get install -qq --no-install-recommends -y slowhttptest >/dev/null"
# Options of an attack, and how many seconds of it the service lets come about: ranges are answered at once.
ATTACKS = {
    "slow headers": ("-H -i 5", 10),
    "slow bodies": ("-B -i 5 -s 8192 -f application/json", 30),
    "slow reading": ("-X -w 1 -y 10 -n 5 -z 32 -k 3", 10),
    "ranges": ("-R -a 1 -b 100", 5),
}
CONNECTIONS = 500
MUTATIONS = 3_000  # of requests of the corpus, in each of three rounds


@pytest.fixture(scope="session")
def attacker(client: docker.DockerClient) -> str:
    """An image with slowhttptest; it stays in the engine for the next run."""
    name = "node-multi-stage-slowhttptest"
    if not client.images.list(name):
        container = client.containers.run("debian:trixie-slim", ["sh", "-ec", INSTALL], detach=True)
        try:
            assert container.wait(timeout=300)["StatusCode"] == 0, container.logs().decode()
            container.commit(name)
        finally:
            container.remove(force=True)
    return name


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("attack", ATTACKS)
def test_slowhttptest(service: Service, main: Instance, attacker: str, attack: str, record_property: Record) -> None:
    """Ordinary requests are answered all the time, as slowhttptest's own probe of one second sees it."""
    before = main.identity
    [network] = main.container.attrs["NetworkSettings"]["Networks"]
    url = f"http://app:{service.project.answers['port']}/echo"
    kind, at_least = ATTACKS[attack]
    options = f"-c {CONNECTIONS} -r 100 -l 45 -p 1 -t POST -u {url} -g -o result {kind}"
    script = f"cd /tmp; slowhttptest {options} >/dev/null; cat result.csv"
    output = main.client.containers.run(attacker, ["sh", "-c", script], network=network, remove=True, stderr=True)
    rows = list(csv.DictReader(io.StringIO(output.decode())))
    assert len(rows) >= at_least, output
    available = [row["Service Available"] != "0" for row in rows if row["Service Available"]]
    record_property("measured", f"the attack lasted {len(rows)} s, ordinary requests were answered in {sum(available)}")
    assert all(available)
    assert main.ask().status == 200
    assert main.identity == before


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_corpus_three_times_and_a_long_fuzz(main: Instance, record_property: Record) -> None:
    before = main.identity
    statuses: Counter[int] = Counter()
    for number in range(3):
        for item in CORPUS:
            replies = exchange(main.port, item.data, len(item.allowed[0]), patience=2)
            assert [reply.status for reply in replies] in item.allowed, item
            statuses.update(reply.status for reply in replies)
            assert is_alive(main), item

        @seed(number)
        @settings(max_examples=MUTATIONS, derandomize=False)
        @given(st.composite(mutated)())
        def attack(data: bytes) -> None:
            statuses.update(reply.status for reply in responses(main, data))
            assert is_alive(main), data

        attack()
        assert main.identity == before
    by_status = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    record_property("measured", f"{len(CORPUS)} requests and {MUTATIONS} mutations, three times; by status {by_status}")
    assert not statuses[500]
