"""The fault drill: what goes wrong in real services, and what a client, the log and `make logs` say of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException

import docker
import pytest

from support.baking import ROOT
from support.running import Record, Service, project_of, wait_until
from support.runtime.containers import Instance, exits

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
FAULTS = ROOT / "tests/support/runtime/faults.js"
# A library that changes what the processes of a container, and no others, take for the time.
CLOCK = """FROM base AS clock
RUN apt-get update && apt-get install --yes --no-install-recommends libfaketime \\
    && cp /usr/lib/*/faketime/libfaketimeMT.so.1 /

FROM scratch AS runtime"""
PRELOADED = """COPY --from=clock /libfaketimeMT.so.1 /
ENV LD_PRELOAD=/libfaketimeMT.so.1 FAKETIME_TIMESTAMP_FILE=/tmp/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
WORKDIR /app
# Every folder"""


@pytest.fixture(scope="module")
def made(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default answers with a route for each fault, built."""
    with project_of(tmp_path_factory.mktemp("drill"), client) as service:
        source = service.project.path / "src"
        (source / "faults.js").write_bytes(FAULTS.read_bytes())
        routes = (source / "routes.js").read_text(encoding="utf-8")
        route = "router.get('/fault/:name', async (req, res) => res.json(await faults[req.params.name]()));"
        routes = routes.replace("  return router;\n", f"  {route}\n  return router;\n")
        (source / "routes.js").write_text(f"import {{ faults }} from './faults.js';\n{routes}", encoding="utf-8")
        assert service.project.make("build").returncode == 0
        yield service


@pytest.fixture
def service(made: Service) -> Iterator[Service]:
    """The service stopped; what a test changes in compose.yaml and Dockerfile is taken back."""
    files = [made.project.path / name for name in ("compose.yaml", "Dockerfile")]
    texts = [file.read_bytes() for file in files]
    yield made
    assert made.project.make("stop").returncode == 0
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text)


def run(service: Service, **environment: str) -> None:
    """Do `make run` with settings of the container and of the service."""
    own = {name: value for name, value in environment.items() if not name.startswith("APP_")}
    (service.project.path / ".env").write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    of_container = {name: value for name, value in environment.items() if name.startswith("APP_")}
    result = service.project.make_with({**os.environ, **of_container}, "run", f"PORT={service.port}")
    assert result.returncode == 0, result.stderr


def client_sees(service: Service, fault: str) -> str:
    """Ask for a fault; return the status and the body, or how the connection ended."""
    try:
        answer = service.get(f"/fault/{fault}")
    except (OSError, HTTPException) as error:
        return type(error).__name__
    return f"{answer.status} {answer.body}"


def ends(service: Service) -> list[int]:
    """Return the exit codes of the container that is there now, from the engine's events."""
    return exits(Instance(str(service.container.id), service.port, service.client))


def make_logs(service: Service) -> str:
    """Return what `make logs` says."""
    result = service.project.make("logs")
    return result.stdout + result.stderr


def note(record: Record, service: Service, client: str, says: str = "") -> None:
    """Write a row of the page: what a client saw, which line of `make logs` names the cause, what the container did."""
    lines = [line for line in make_logs(service).splitlines() if says and says in line]
    assert bool(lines) == bool(says), f"nothing in the log says {says}"
    codes = ends(service)
    record("client", client)
    record("log", lines[-1] if lines else "")
    record("container", f"ended with {codes[0]} and was started again" if codes else "runs on")


def edit(service: Service, old: str, new: str, name: str = "compose.yaml") -> None:
    """Replace a text in a file of the project."""
    file = service.project.path / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_hang(service: Service, record_property: Record) -> None:
    check = "    healthcheck: { interval: 1s, timeout: 1s, retries: 2 }\n    restart: on-failure:5\n"
    edit(service, "    restart: on-failure:5\n", check)
    run(service)
    client = client_sees(service, "hang")
    assert wait_until(lambda: "is unhealthy: " in make_logs(service), 30)
    note(record_property, service, client, "is unhealthy: ")


@pytest.mark.parametrize(
    ("fault", "memory", "log", "code"),
    [("heap", "128m", "heap out of memory", 134), ("buffers", "64m", "out of memory: the limit is 64 MiB", 137)],
)
def test_memory(service: Service, record_property: Record, fault: str, memory: str, log: str, code: int) -> None:
    run(service, APP_MEMORY=memory)
    client = client_sees(service, fault)
    assert wait_until(lambda: ends(service) != [], 90)
    assert ends(service)[0] == code
    assert wait_until(lambda: log in make_logs(service) and f"exit code {code}" in make_logs(service), 20)
    assert wait_until(lambda: service.container.health == "healthy", 20), "and it is restarted"
    note(record_property, service, client, log)


def test_tmp_is_full(service: Service, record_property: Record) -> None:
    """Three uploads of 80 MB have room; the next ones are errors, and nothing is killed."""
    run(service)
    seen = [client_sees(service, "tmp") for _ in range(5)]
    assert seen[:3] == ['200 "written"'] * 3
    assert [answer[:3] for answer in seen[3:]] == ["500", "500"]
    assert ends(service) == []
    note(record_property, service, seen[-1], "ENOSPC")


def test_volume_is_full(service: Service, record_property: Record) -> None:
    edit(service, '    # volumes: ["data:/data"]\n', '    volumes: ["data:/data"]\n')
    size = 'driver_opts: { type: tmpfs, device: tmpfs, o: "size=8m,mode=1777" }'
    edit(service, "volumes:\n  data:\n", f"volumes:\n  data:\n    {size}\n")
    try:
        run(service)
        answer = client_sees(service, "volume")
        assert answer.startswith("500")
        assert service.get("/livez").status == 200
        note(record_property, service, answer, "ENOSPC")
    finally:
        assert service.project.make("stop").returncode == 0
        service.client.volumes.get(f"{service.project.slug}_data").remove(force=True)


@pytest.mark.parametrize(("fault", "threads"), [("pool", 64), ("workers", 60)])
def test_threads(service: Service, record_property: Record, fault: str, threads: int) -> None:
    """There is room for them: nothing fails."""
    run(service, UV_THREADPOOL_SIZE="64")
    answer = client_sees(service, fault)
    assert answer.startswith("200")
    assert int(answer.removeprefix("200 ")) > threads
    assert ends(service) == []
    note(record_property, service, f"{answer} threads")


def test_more_workers_than_processes_are_allowed(service: Service, record_property: Record) -> None:
    run(service, APP_PIDS="48")
    client = client_sees(service, "workers")
    causes = ("EAGAIN", "ERR_WORKER", "exit code 134")

    def cause() -> str:
        return next((word for word in causes if word in make_logs(service)), "")

    assert wait_until(lambda: cause() != "", 20)
    note(record_property, service, client, cause())


def test_six_cluster_workers(service: Service, record_property: Record) -> None:
    """The owner's primary process ends its workers by closing their channels, and itself with 0."""
    run(service)
    answer = client_sees(service, "cluster")
    assert answer == "200 6"
    note(record_property, service, answer)
    start = time.monotonic()
    service.container.stop(timeout=10)
    assert time.monotonic() - start < 9
    assert service.container.attrs["State"]["ExitCode"] == 0


def test_orphans_are_reaped(service: Service, record_property: Record) -> None:
    run(service)
    answer = client_sees(service, "orphans")
    assert answer == "200 0"
    note(record_property, service, f"{answer} zombies")


def test_sigterm_at_any_moment_of_the_start(service: Service, record_property: Record) -> None:
    """Before the first line of JavaScript the init ends it with 143, later the service ends by itself."""
    run(service)
    container, codes = service.container, []
    container.stop()
    for moment in range(20):
        container.start()
        time.sleep(moment * 0.03)
        start = time.monotonic()
        container.stop(timeout=10)
        assert time.monotonic() - start < 5, moment
        container.reload()
        codes.append(container.attrs["State"]["ExitCode"])
    assert set(codes) == {0, 143}
    assert codes[-1] == 0
    record_property("client", "")
    record_property("log", "stopped, or stopped while starting, once a line of it has run")
    record_property("container", f"ended with {' '.join(map(str, codes))}")


def test_dns_that_does_not_answer(service: Service, record_property: Record) -> None:
    edit(service, "    restart: on-failure:5\n", '    dns: ["192.0.2.1"]\n    restart: on-failure:5\n')
    run(service)
    # The resolver's own patience is longer than this client's.
    client = client_sees(service, "dns")
    assert service.get("/livez").status == 200
    assert wait_until(lambda: "EAI_AGAIN" in make_logs(service), 60)
    note(record_property, service, client, "EAI_AGAIN")


def test_dns_that_fails_for_ten_seconds(service: Service, record_property: Record) -> None:
    """Nothing keeps the failure: the next look-up after them succeeds."""
    run(service)
    begin = time.monotonic()
    failed = {client_sees(service, "dns")}
    while time.monotonic() - begin < 10:
        failed.add(client_sees(service, "dns"))
        time.sleep(0.5)
    assert {answer[:3] for answer in failed} == {"500"}
    [network] = service.container.attrs["NetworkSettings"]["Networks"]
    other = service.client.containers.create(service.tag, network=network)
    try:
        service.client.networks.get(network).disconnect(other)
        service.client.networks.get(network).connect(other, aliases=["shop.example"])
        other.start()
        assert wait_until(lambda: client_sees(service, "dns").startswith("200"), 5)
    finally:
        other.remove(force=True)
    note(record_property, service, f"{failed.pop()[:3]} for ten seconds, then 200", "ENOTFOUND")


def test_the_clock_jumps(service: Service, record_property: Record) -> None:
    """An hour forward and back: a kept-alive connection lives on, and the log has the new times."""
    edit(service, "FROM scratch AS runtime", CLOCK, "Dockerfile")
    edit(service, "WORKDIR /app\n# Every folder", PRELOADED, "Dockerfile")
    run(service)
    with closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
        connection.request("GET", "/livez")
        assert connection.getresponse().read() != b""
        client = client_sees(service, "clock")
        assert client == "200 [60,-60]"
        connection.request("GET", "/livez")
        assert connection.getresponse().status == 200
    assert wait_until(lambda: service.get("/readyz").status == 200, 15)
    assert ends(service) == []
    note(record_property, service, client, "/fault/clock")
    service.container.stop(timeout=10)
    assert service.container.attrs["State"]["ExitCode"] == 0
