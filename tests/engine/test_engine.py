"""The engine package without an engine: apt sources, locks, refusals, interrupted steps, recipes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import __main__ as command_line
from engine import base_images, client, machine, private, steps
from engine.locks import Lock, exclusive
from engine.machine import Paths
from engine.steps import EngineError
from support.baking import ROOT

TOOLS = ROOT / "tools"


@pytest.mark.parametrize(
    ("release", "uid", "reason"),
    [
        ({"ID": "fedora", "PRETTY_NAME": "Fedora 44"}, 0, "none can be started on Fedora 44"),
        ({"ID": "debian", "VERSION_ID": "12"}, 1000, "only root can start one"),
        ({"ID": "debian", "VERSION_ID": "11", "PRETTY_NAME": "Debian 11"}, 0, "Debian 11 is too old"),
        ({"ID": "debian", "VERSION_ID": "12"}, 0, None),
        ({"ID": "debian", "VERSION_ID": "13"}, 0, None),
        ({"ID": "ubuntu", "VERSION_ID": "24.04"}, 0, None),
    ],
)
def test_who_can_have_no_private_engine_is_told_in_one_line(
    release: dict[str, str], uid: int, reason: str | None
) -> None:
    refusal = machine.refusal(release, uid)
    if reason is None:
        assert refusal is None
        return
    assert refusal is not None
    assert reason in refusal
    assert "make test-bake" in refusal
    assert "\n" not in refusal


def test_its_figures_can_be_read_on_windows() -> None:
    """Which has no `fcntl`, and whose tests compare them with what a project says."""
    program = (
        "import sys; sys.modules['fcntl'] = None; from engine import client, databases; print(client.OLDEST_ENGINE)"
    )
    command = [sys.executable, "-c", program]
    found = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(TOOLS)}, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == str(client.OLDEST_ENGINE)


def test_a_missing_engine_is_a_failure_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(command_line, "raise_on_signals", lambda: None)
    assert command_line.main(["run", "--images", "", "--", "true"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("engine", "compose", "message"),
    [
        ("24.0.7", "2.24.0", "Docker Engine 24.0.7 is too old"),
        ("25.0.0", "2.23.3", "Docker Compose 2.23.3 is too old"),
        ("25.0.0", "", "lacks buildx or compose"),
        ("26.1.5+dfsg1", "v2.26.1-4", None),
    ],
)
def test_a_running_engine_is_used_if_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, compose: str, message: str | None
) -> None:
    script = f'#!/bin/sh\ncase $1 in version) echo {engine};; compose) [ "{compose}" ] && echo {compose};; esac\n'
    (tmp_path / "docker").write_text(script)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    if message is None:
        assert client.find_running() is not None
    else:
        with pytest.raises(EngineError, match=re.escape(message)):
            client.find_running()


def test_a_wedged_engine_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\nsleep 60\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(client, "PROBE", 0.3)
    start = time.monotonic()
    assert client.find_running() is None
    assert time.monotonic() - start < 5


def test_a_lock_is_shared_by_many_and_taken_alone_by_the_last(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "users"), Lock(tmp_path / "users")
    first.share()
    second.share()
    assert not first.try_exclusive()
    first.share()
    second.close()
    assert first.try_exclusive()


def test_waiting_for_a_lock_is_announced_and_bounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    holder = Lock(tmp_path / "start")
    assert holder.try_exclusive()
    with pytest.raises(EngineError, match="gave up after 2 s of waiting for the other"):
        Lock(tmp_path / "start").wait_exclusive(1.5, lambda: "the other")
    assert "waiting for the other" in capsys.readouterr().err


def test_a_lock_whose_file_was_removed_is_taken_on_the_new_file(tmp_path: Path) -> None:
    late = Lock(tmp_path / "start")
    (tmp_path / "start").unlink()
    with exclusive(tmp_path / "start", "nobody", 1):
        assert not late.try_exclusive()
    assert late.try_exclusive()


def test_a_lock_dies_with_its_killed_holder(tmp_path: Path) -> None:
    program = "import sys, time; from pathlib import Path; from engine.locks import Lock; "
    program += "assert Lock(Path(sys.argv[1])).try_exclusive(); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "lock"],
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    lock = Lock(tmp_path / "lock")
    assert not lock.try_exclusive()
    holder.kill()
    holder.wait()
    assert lock.try_exclusive()


def test_an_engine_of_another_cache_is_waited_for_as_long_as_tests_may_take() -> None:
    [minutes] = re.findall(r"\b(\d+)m make test$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert client.START_TURN > private.MACHINE_LIMIT > 60 * int(minutes)


def test_an_interrupted_step_leaves_no_process(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    with pytest.raises(EngineError, match="no answer within"):
        steps.call(["sh", "-c", f"sleep 987 & echo $! > {mark}; wait"], timeout=0.5)
    assert gone(int(mark.read_text()))


def test_a_failed_step_shows_the_last_line_it_wrote() -> None:
    with pytest.raises(EngineError, match=r"^sh -c .*: the reason$"):
        steps.call(["sh", "-c", "echo first >&2; echo the reason >&2; exit 3"])


def test_only_known_base_images_can_be_asked_for() -> None:
    assert base_images.choose("node:26-trixie,node:22-trixie-slim") == [
        "node:26-trixie",
        "node:22-trixie-slim",
    ]
    assert len(base_images.choose("all")) == 9
    with pytest.raises(EngineError, match="no such base image: node:20"):
        base_images.choose("node:20")


@pytest.fixture
def docker(tmp_path: Path) -> Callable[[str], client.Engine]:
    """Return an engine whose `docker` is a shell script."""

    def engine(script: str) -> client.Engine:
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker").chmod(0o755)
        return client.Engine("a fake", {"PATH": f"{tmp_path}:/usr/bin:/bin"})

    return engine


@pytest.mark.parametrize(
    "said",
    [
        "Error response from daemon: manifest for node:26-trixie not found: manifest unknown: manifest unknown",
        "toomanyrequests: You have reached your pull rate limit.",
        "failed to register layer: write /usr/bin/git: no space left on device",
    ],
)
def test_what_a_registry_answers_is_no_reason_for_a_stand_in(
    docker: Callable[[str], client.Engine], monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    engine = docker(f"echo '{said}'; exit 1")
    monkeypatch.setenv("PATH", engine.env["PATH"])
    with pytest.raises(EngineError, match=re.escape(said)):
        base_images.pull(engine, "node:26-trixie")


@pytest.mark.parametrize(
    "script", ["echo 'dial tcp: lookup registry.example.com: no such host'; exit 1", "exec sleep 60"]
)
def test_a_registry_out_of_reach_is_a_reason(
    docker: Callable[[str], client.Engine], monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    engine = docker(script)
    monkeypatch.setenv("PATH", engine.env["PATH"])
    monkeypatch.setattr(base_images, "FIRST_ANSWER", 0.3)
    assert not base_images.pull(engine, "node:26-trixie")


def test_only_an_image_that_is_not_there_is_missing(docker: Callable[[str], client.Engine]) -> None:
    missing = docker("echo 'Error response from daemon: No such image: node:26-trixie' >&2; exit 1")
    assert base_images.image_id(missing, "node:26-trixie") is None
    away = docker("echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    with pytest.raises(EngineError, match="Cannot connect"):
        base_images.image_id(away, "node:26-trixie")


def test_long_cache_paths_get_a_short_run_folder() -> None:
    assert Paths(Path("/home/u/.cache/node-multi-stage/engine")).run == Path("/home/u/.cache/node-multi-stage/engine")
    long = Paths(Path("/" + "x" * 90))
    assert long.run.parent == Path("/run")
    assert len(str(long.run / machine.LONGEST_SOCKET)) <= machine.SOCKET_LIMIT


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie that nobody reaps counts)."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False
