"""A bad value in the environment stops the service at once, with one line that names variable and rule."""

from __future__ import annotations

import time

import docker
import pytest

from support.running import Service
from support.runtime.containers import Instance, instant, preload

NUMBERS = {
    "PORT": (1, 65_535),
    "BODY_LIMIT_BYTES": (1, 4_294_967_296),
    "HEADERS_TIMEOUT_MS": (1, 30_000),  # at most REQUEST_TIMEOUT_MS
    "REQUEST_TIMEOUT_MS": (1, 86_400_000),
    "KEEP_ALIVE_TIMEOUT_MS": (1, 86_400_000),
    "SHUTDOWN_DELAY_MS": (0, 7_999),  # less than SHUTDOWN_TIMEOUT_MS
    "SHUTDOWN_TIMEOUT_MS": (1, 86_400_000),
}
# What JavaScript's Number() or listen() would take, or a person might write.
NOT_A_NUMBER = ("abc", "", "3e3", "080", "-1", "0x50", "80.5", " 80", "80 ", "1_000", "٣", "NaN", "Infinity")
BAD_PORTS = [("PORT", value) for value in (*NOT_A_NUMBER, "0", "65536", "70000", "9" * 30, "/run/socket", "80\n")]
BAD_NUMBERS = [(name, value) for name in NUMBERS if name != "PORT" for value in ("", "abc")]
OUT_OF_RANGE = [(name, str(most + 1)) for name, (_, most) in NUMBERS.items()]
BAD_TEXTS = [
    ("LOG_LEVEL", ""),
    ("LOG_LEVEL", "loud"),
    ("LOG_LEVEL", "INFO"),
    ("LOG_LEVEL", "info|warn"),
    ("LOG_LEVEL", "__proto__"),
    ("HOST", ""),
    ("HOST", "a b"),
    ("HOST", "http://localhost"),
]


# A service that takes a bad value would run for ever.
PATIENCE = "setTimeout(() => process.exit(99), 5000).unref()"


def start(main: Instance, **environment: str) -> tuple[int, str, float]:
    """Start a second service inside the running container; return exit code, output and seconds.

    Other tests share the processors: where it took too long, the best of four counts.
    """
    found = []
    for _ in range(4):
        begin = time.monotonic()
        code, output = main.execute("node", main.script("server"), NODE_OPTIONS=preload(PATIENCE), **environment)
        found.append((time.monotonic() - begin, code, output))
        if found[-1][0] < 2:
            break
    assert len({(code, output) for _, code, output in found}) == 1, found
    seconds, code, output = min(found)
    return code, output, seconds


@pytest.mark.parametrize(("name", "value"), [*BAD_PORTS, *BAD_NUMBERS, *OUT_OF_RANGE, *BAD_TEXTS])
def test_bad_value(main: Instance, name: str, value: str) -> None:
    code, output, seconds = start(main, **{name: value})
    assert (code, seconds < 2) == (1, True), (output, seconds)
    line = output.removesuffix("\n")
    assert "\n" not in line, "one line, however odd the value"
    assert line.startswith(f"{name} must be "), line
    if name in NUMBERS:
        least, most = NUMBERS[name]
        assert f"a whole number from {least} to {most}" in line
    elif name == "LOG_LEVEL":
        assert "one of trace|debug|info|warn|error|fatal|silent" in line


def test_port_in_use(main: Instance) -> None:
    code, output, seconds = start(main)
    assert (code, seconds < 2) == (1, True), (output, seconds)
    assert output.count("\n") == 1
    assert output.startswith("PORT ")
    assert "EADDRINUSE" in output
    assert main.is_answering()


def test_address_of_another_machine(main: Instance) -> None:
    code, output, seconds = start(main, HOST="192.0.2.1", PORT="3999")
    assert (code, seconds < 2) == (1, True), (output, seconds)
    assert output.count("\n") == 1
    assert "192.0.2.1" in output


def test_as_a_container_of_its_own(service: Service, client: docker.DockerClient) -> None:
    """The same through `docker run`: the container ends, nothing in it listens."""
    container = client.containers.create(service.tag, environment={"PORT": "abc"})
    try:
        seconds: list[float] = []
        while (not seconds or min(seconds) >= 2) and len(seconds) < 4:
            container.start()
            assert container.wait(timeout=10)["StatusCode"] == 1
            container.reload()
            state = container.attrs["State"]
            seconds.append(instant(state["FinishedAt"]) - instant(state["StartedAt"]))
        assert min(seconds) < 2
        assert (
            container.logs(stdout=False, tail=1).decode() == 'PORT must be a whole number from 1 to 65535, not "abc"\n'
        )
        assert container.logs(stderr=False) == b""
    finally:
        container.remove(force=True)
