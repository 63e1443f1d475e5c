"""The fault drill: what goes wrong in real services, and what a client, the log and `make logs` say of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator

import docker
import pytest

from support.baking import ROOT
from support.running import Service, project_of, wait_until
from support.runtime.containers import Instance, exits

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
FAULTS = ROOT / "tests/support/runtime/faults.js"
Record = Callable[[str, object], None]


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
    """The service stopped; what a test changes in compose.yaml is taken back."""
    file = made.project.path / "compose.yaml"
    text = file.read_bytes()
    yield made
    assert made.project.make("stop").returncode == 0
    file.write_bytes(text)


def run(service: Service, **environment: str) -> None:
    """Do `make run` with settings of the container and of the service."""
    own = {name: value for name, value in environment.items() if not name.startswith("APP_")}
    (service.project.path / ".env").write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    result = subprocess.run(
        ["make", "run", f"PORT={service.port}"],
        cwd=service.project.path,
        env={**os.environ, **{name: value for name, value in environment.items() if name.startswith("APP_")}},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def client_sees(service: Service, fault: str) -> str:
    """Ask for a fault; return the status and the body, or how the connection ended."""
    try:
        answer = service.get(f"/fault/{fault}")
    except OSError as error:
        return type(error).__name__
    except Exception as error:
        return type(error).__name__
    return f"{answer.status} {answer.body}"


def ends(service: Service) -> list[int]:
    """Return the exit codes of the container that is there now, from the engine's events."""
    return exits(Instance(str(service.container.id), service.port, service.client))


def make_logs(service: Service) -> str:
    """Return what `make logs` says."""
    result = service.project.make("logs")
    return result.stdout + result.stderr


def edit(service: Service, old: str, new: str) -> None:
    """Replace a text in compose.yaml."""
    file = service.project.path / "compose.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_hang(service: Service, record_property: Record) -> None:
    check = "    healthcheck: { interval: 1s, timeout: 1s, retries: 2 }\n    restart: on-failure:5\n"
    edit(service, "    restart: on-failure:5\n", check)
    run(service)
    record_property("client", client_sees(service, "hang"))
    assert wait_until(lambda: "is unhealthy: " in make_logs(service), 30)
    record_property("make logs", make_logs(service).splitlines()[-1])


@pytest.mark.parametrize(
    ("fault", "memory", "log", "code"),
    [("heap", "128m", "heap out of memory", 134), ("buffers", "64m", "out of memory: the limit is 64 MiB", 137)],
)
def test_memory(service: Service, record_property: Record, fault: str, memory: str, log: str, code: int) -> None:
    run(service, APP_MEMORY=memory)
    record_property("client", client_sees(service, fault))
    assert wait_until(lambda: ends(service) != [], 90)
    assert ends(service)[0] == code
    assert wait_until(lambda: log in make_logs(service) and f"exit code {code}" in make_logs(service), 20)
    record_property("make logs", make_logs(service).splitlines()[-1])
    assert wait_until(lambda: service.container.health == "healthy", 20), "and it is restarted"


def test_tmp_is_full(service: Service, record_property: Record) -> None:
    """Three uploads of 80 MB have room; the next ones are errors, and nothing is killed."""
    run(service)
    seen = [client_sees(service, "tmp") for _ in range(5)]
    record_property("client", seen[-1])
    assert seen[:3] == ['200 "written"'] * 3
    assert [answer[:3] for answer in seen[3:]] == ["500", "500"]
    assert "ENOSPC" in make_logs(service)
    assert ends(service) == []


def test_volume_is_full(service: Service, record_property: Record) -> None:
    edit(service, '    # volumes: ["data:/data"]\n', '    volumes: ["data:/data"]\n')
    size = 'driver_opts: { type: tmpfs, device: tmpfs, o: "size=8m,mode=1777" }'
    edit(service, "volumes:\n  data:\n", f"volumes:\n  data:\n    {size}\n")
    try:
        run(service)
        answer = client_sees(service, "volume")
        record_property("client", answer)
        assert answer.startswith("500")
        assert "ENOSPC" in make_logs(service)
        assert service.get("/livez").status == 200
    finally:
        assert service.project.make("stop").returncode == 0
        service.client.volumes.get(f"{service.project.slug}_data").remove(force=True)


@pytest.mark.parametrize(("fault", "threads"), [("pool", 64), ("workers", 60)])
def test_threads(service: Service, record_property: Record, fault: str, threads: int) -> None:
    run(service, UV_THREADPOOL_SIZE="64")
    answer = client_sees(service, fault)
    record_property("client", answer)
    assert answer.startswith("200")
    assert int(answer.removeprefix("200 ")) > threads
    assert ends(service) == []


def test_more_workers_than_processes_are_allowed(service: Service, record_property: Record) -> None:
    run(service, APP_PIDS="48")
    record_property("client", client_sees(service, "workers"))

    def named() -> bool:
        return any(word in make_logs(service) for word in ("EAGAIN", "ERR_WORKER", "exit code 134"))

    assert wait_until(named, 20)
    record_property("make logs", make_logs(service).splitlines()[-1])


def test_six_cluster_workers(service: Service, record_property: Record) -> None:
    run(service)
    answer = client_sees(service, "cluster")
    record_property("client", answer)
    assert answer == "200 6"
    start = time.monotonic()
    service.container.stop(timeout=10)
    assert time.monotonic() - start < 9
    assert service.container.attrs["State"]["ExitCode"] in (0, 1)


def test_orphans_are_reaped(service: Service, record_property: Record) -> None:
    run(service)
    answer = client_sees(service, "orphans")
    record_property("client", f"{answer} zombies")
    assert answer == "200 0"


def test_sigterm_at_any_moment_of_the_start(service: Service, record_property: Record) -> None:
    """Before the first line of JavaScript the init ends it with 143, later the service ends by itself."""
    run(service)
    container, codes = service.container, []
    container.stop()
    for moment in range(20):
        container.start()
        time.sleep(moment * 0.1)
        start = time.monotonic()
        container.stop(timeout=10)
        assert time.monotonic() - start < 5, moment
        container.reload()
        codes.append(container.attrs["State"]["ExitCode"])
    record_property("exit codes", codes)
    assert set(codes) <= {0, 143}
    assert codes[-1] == 0


def test_dns_that_does_not_answer(service: Service, record_property: Record) -> None:
    edit(service, "    restart: on-failure:5\n", '    dns: ["192.0.2.1"]\n    restart: on-failure:5\n')
    run(service)
    # The resolver's own patience is longer than this client's.
    record_property("client", client_sees(service, "dns"))
    assert service.get("/livez").status == 200
    assert wait_until(lambda: "EAI_AGAIN" in make_logs(service), 60)
