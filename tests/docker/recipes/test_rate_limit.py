"""The rate limit: who asks too much is answered 429 by the balancer, and nobody else notices."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import docker
import pytest
from docker.models.containers import Container

from support.orchestrate.balancer import NODE, Balancer, balancing
from support.recipes.page import page_of
from support.running import Service, request

LIMIT = 100
WINDOW = 10  # seconds
# Asks all at the same time, and prints of each the status, the header and the length of the body.
ASK = """
const [times, path] = process.argv.slice(1);
async function ask() {
  const response = await fetch(`http://balancer:3000${path}`);
  const body = await response.text();
  return [response.status, response.headers.get('retry-after'), body.length];
}
console.log(JSON.stringify(await Promise.all(Array.from({ length: times }, ask))));
"""
Answer = tuple[int, str | None, int]


@pytest.fixture(scope="module")
def configuration(recipe: Service) -> str:
    """deploy/haproxy.cfg as the page leaves it."""
    return recipe.project.read("deploy/haproxy.cfg")


@pytest.fixture(scope="module")
def balancer(
    client: docker.DockerClient, configuration: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balancer]:
    """HAProxy before two servers."""
    with balancing(client, configuration, tmp_path_factory.mktemp("haproxy")) as running:
        yield running


@pytest.fixture(scope="module")
def new_client(client: docker.DockerClient, balancer: Balancer) -> Iterator[Callable[[], Container]]:
    """Clients, each with an address of its own, which none of a later test gets."""
    with ExitStack() as stack:

        def start() -> Container:
            container = client.containers.create(NODE, ["sleep", "infinity"], init=True)
            stack.callback(container.remove, force=True)
            balancer.network.connect(container)
            container.start()
            return container

        yield start


def ask(container: Container, times: int, path: str = "/") -> list[Answer]:
    """Let a client ask so often."""
    result = container.exec_run(["node", "--input-type=module", "--eval", ASK, str(times), path])
    output: bytes = result.output  # type: ignore[assignment]
    assert result.exit_code == 0, output.decode()
    return [(status, header, length) for status, header, length in json.loads(output)]


def statuses(answers: list[Answer]) -> Counter[int]:
    """Return how often there was which status."""
    return Counter(status for status, _, _ in answers)


def test_who_exceeds_the_limit_is_told_to_wait_and_others_are_served(
    balancer: Balancer, new_client: Callable[[], Container]
) -> None:
    greedy, modest = new_client(), new_client()
    answers = ask(greedy, LIMIT + 20, "/greedy")
    assert statuses(answers) == {200: LIMIT, 429: 20}
    assert {answer for answer in answers if answer[0] == 429} == {(429, str(WINDOW), 0)}
    assert statuses(ask(modest, 20, "/modest")) == {200: 20}
    assert request(balancer.port, "/another").status == 200
    assert balancer.begun("GET /greedy", LIMIT) == LIMIT


def test_who_waits_is_served_again(new_client: Callable[[], Container]) -> None:
    client = new_client()
    assert statuses(ask(client, LIMIT + 1)) == {200: LIMIT, 429: 1}
    time.sleep(WINDOW + 1)
    assert statuses(ask(client, 20)) == {200: 20}


def test_who_goes_on_is_not_served_meanwhile(new_client: Callable[[], Container]) -> None:
    """What is refused counts, too: nothing is gained by asking again at once."""
    client = new_client()
    ask(client, LIMIT)
    start = time.monotonic()
    while time.monotonic() < start + 1.5 * WINDOW:
        assert statuses(ask(client, LIMIT)) == {429: LIMIT}


def test_checks_of_the_servers_are_not_limited(balancer: Balancer, new_client: Callable[[], Container]) -> None:
    """Two servers are asked once a second each while the limit is exceeded: none is taken for gone."""
    client = new_client()
    start = time.monotonic()
    while time.monotonic() < start + 1.5 * WINDOW:
        ask(client, LIMIT)
    log = balancer.container.logs().decode()
    assert not re.search(r"Server app/app\d+ .*is DOWN", log), log
    assert request(balancer.port).status == 200


def test_behind_another_balancer_its_header_names_the_client(
    client: docker.DockerClient, configuration: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As the page says it; clients of IPv6 have a whole network."""
    [instead] = re.findall(r"`(hdr_ip\(.+?\))`", page_of("rate-limit").text)
    changed = configuration.replace("track-sc0 src,", f"track-sc0 {instead},")
    assert changed != configuration

    def ask_as(running: Balancer, address: str, times: int) -> Counter[int]:
        headers = {"X-Forwarded-For": f"192.0.2.66, {address}"}
        return Counter(request(running.port, headers=headers).status for _ in range(times))

    with balancing(client, changed, tmp_path_factory.mktemp("behind")) as running:
        assert ask_as(running, "198.51.100.1", LIMIT + 1) == {200: LIMIT, 429: 1}
        assert ask_as(running, "198.51.100.2", 10) == {200: 10}
        assert ask_as(running, "2001:db8:0:1::1", LIMIT) == {200: LIMIT}
        assert ask_as(running, "2001:db8:0:1:ffff::2", 1) == {429: 1}
        assert ask_as(running, "2001:db8:0:2::1", 1) == {200: 1}
