"""What the benchmark makes of the commands that it measures by, also of those that fail or hang."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from benchmarks import commands, load, reloads
from benchmarks.commands import BenchmarkError
from benchmarks.sizes import archive_from, count

WRK = """\
  Latency Distribution
     50%  812.00us
     99%    2.50ms
Requests/sec:  25000.50
"""


def test_what_wrk_says_is_read_in_milliseconds() -> None:
    assert load.parse(WRK) == {"requests_per_s": 25000.5, "p50_ms": 0.812, "p99_ms": 2.5}


@pytest.mark.parametrize("text", ["", WRK + "Non-2xx or 3xx responses: 1", WRK + "Socket errors: read 1"])
def test_a_load_with_failed_requests_is_no_result(text: str) -> None:
    with pytest.raises(BenchmarkError):
        load.parse(text)


def test_only_machine_code_of_packages_for_another_platform_is_foreign() -> None:
    windows = b"MZ" + bytes(0x3A) + (0x40).to_bytes(4, "little") + b"PE\0\0"
    files = {
        "app/node_modules/a/package.json": b"{}",
        "app/node_modules/a/prebuilds/win32/a.node": windows,
        "app/node_modules/a/prebuilds/darwin/a.node": b"\xcf\xfa\xed\xfe" + bytes(60),
        "usr/lib/setup.exe": windows,
        "var/lib/dpkg/status": b"Package: libc6\n",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        found = count(archive, "EM_X86_64 glibc")
    assert (found.files, found.packages, found.foreign) == (5, 2, len(windows) + 64)


@pytest.mark.parametrize("script", ["cat archive.tar; exit 3", "head -c 700 archive.tar", "exit 3"])
def test_an_archive_of_a_command_that_fails_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(bytes(100_000))
    with tarfile.open("archive.tar", mode="w") as archive:
        archive.add("file")
    with archive_from("sh", "-c", "cat archive.tar; head -c 1000000 /dev/zero") as archive:
        assert archive.getnames() == ["file"]
    with pytest.raises(BenchmarkError, match=r"sh -c"), archive_from("sh", "-c", script) as archive:
        archive.getnames()


def test_a_command_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LIMIT", 0.3)
    with pytest.raises(BenchmarkError, match=r"(?s)no end within.*said"):
        commands.run("sh", "-c", "echo said; exec sleep 60")


@pytest.mark.parametrize(
    ("recipe", "error"),
    [("echo said; exit 3", r"(?s)exit code 2\n.*said"), ("trap '' INT; echo said; sleep 60", r"(?s)not answer.*said")],
    ids=["ends", "hangs"],
)
def test_a_make_dev_that_answers_nothing_is_ended_and_its_output_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: str, error: str
) -> None:
    monkeypatch.setattr(reloads, "FIRST_BUILD", 0.5)
    monkeypatch.setattr(reloads, "ENDED", 0.5)
    project = tmp_path / "project"
    project.mkdir()
    (project / "Makefile").write_text(f"dev:\n\t@{recipe}\n")
    with pytest.raises(BenchmarkError, match=error), reloads.developing(project):
        pytest.fail("nothing answers")
