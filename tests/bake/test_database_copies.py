"""Copies of SQLite's file and their restore, by scripts/sqlite.sh, with a program in place of Docker."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.baking import BakedProject, bake
from support.installed import real_node
from support.running import wait_until

# Runs what is asked of the container here. Copying takes as long as PAUSE says, with half of the file there.
DOCKER = """#!/bin/sh
echo "$1" >> "$CALLS"
case $1 in
  exec)
    while [ "$1" != node ]; do shift; done
    exec "$@" ;;
  run)
    while [ "$1" != --entrypoint ]; do shift; done
    node=$2
    shift 3
    exec "$node" "$@" ;;
  cp)
    from=${3#*:}
    head -c 5000 "$from" > "$4"
    echo half >> "$CALLS"
    sleep "${PAUSE:-0}"
    exec cp "$from" "$4" ;;
  ps) [ -z "$IN_USE" ] || echo "$4" ;;
esac
"""
ROWS = 2000


class Data:
    """A project, and its database of so many rows in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.project: BakedProject = bake(folder, framework="http", database="sqlite")
        self.volume = folder / "volume"
        self.volume.mkdir()
        self.file = self.volume / "app.db"
        self.calls = folder / "calls"
        stand_in = folder / "docker"
        stand_in.write_text(DOCKER, encoding="utf-8")
        stand_in.chmod(0o755)
        self.variables = {
            **os.environ,
            "PATH": f"{Path(real_node()).parent}{os.pathsep}{os.environ['PATH']}",
            "DOCKER": str(stand_in),
            "CALLS": str(self.calls),
            "DATABASE_FILE": str(self.file),
        }
        with sqlite3.connect(self.file) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
            database.executemany("INSERT INTO notes (text) VALUES (?)", [(f"note {n}",) for n in range(ROWS)])
        database.close()

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start the script, in a group of its own as a terminal does."""
        return subprocess.Popen(
            ["sh", "scripts/sqlite.sh", *arguments],
            cwd=self.project.path,
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def copies(self) -> list[str]:
        """Return what is in backup/."""
        return sorted(path.name for path in (self.project.path / "backup").iterdir())

    def litter(self) -> set[str]:
        """Return what is on the volume beside the database."""
        return {path.name for path in self.volume.iterdir()} - {"app.db", "app.db-wal", "app.db-shm"}

    def half_is_there(self) -> bool:
        """Whether a copy is on its way."""
        return self.calls.exists() and "half" in self.calls.read_text(encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Data]:
    """A database; no test leaves anything on its volume."""
    made = Data(tmp_path)
    yield made
    assert made.litter() == set()


def rows(path: Path) -> int:
    """Return how many rows a whole database has."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return len(database.execute("SELECT text FROM notes").fetchall())
    finally:
        database.close()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a script; return its exit code and what it said."""
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


def test_two_backups_at_once_are_both_whole(data: Data) -> None:
    slow = data.start("backup", PAUSE="2")
    assert wait_until(data.half_is_there, 20)
    quick = data.start("backup")
    for process in (quick, slow):
        code, stdout, stderr = ended(process)
        assert (code, stderr) == (0, "")
        assert rows(data.project.path / stdout.strip()) == ROWS
    assert all(name.endswith(".db") for name in data.copies())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_backup_that_is_ended_leaves_nothing(data: Data, number: signal.Signals) -> None:
    """Neither on the volume nor under a name that looks like a whole copy."""
    process = data.start("backup", PAUSE="3")
    assert wait_until(data.half_is_there, 20)
    os.killpg(process.pid, number)
    code, stdout, _ = ended(process)
    assert (code, stdout) == (130, "")
    assert data.copies() == []


def test_a_backup_removes_what_one_has_left_that_was_killed_a_day_ago(data: Data) -> None:
    old, young = data.volume / "app.db.part.old123", data.volume / "app.db.part.new123"
    for left in (old, young):
        left.touch()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    assert ended(data.start("backup"))[0] == 0
    assert data.litter() == {young.name}
    young.unlink()


def damaged(data: Data) -> None:
    """Overwrite pages in the middle of the file."""
    with data.file.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xaa" * 8192)


def test_a_damaged_database_gives_no_copy(data: Data) -> None:
    damaged(data)
    code, stdout, stderr = ended(data.start("backup"))
    assert code != 0
    assert stdout == ""
    assert "malformed" in stderr
    assert data.copies() == []


@pytest.mark.parametrize("kind", ["empty", "cut", "text", "none", "damaged"])
def test_a_bad_copy_is_not_restored(data: Data, kind: str) -> None:
    """The data is what it was, and the reason is one line."""
    assert ended(data.start("backup"))[0] == 0
    [name] = data.copies()
    copy = data.project.path / "backup" / name
    whole = copy.read_bytes()
    contents = {"empty": b"", "cut": whole[: len(whole) // 2], "text": b"SELECT 1;\n" * 1000}
    # Says that five pages are free, of which there are none: each statement works, until one takes them.
    contents["damaged"] = whole[:36] + bytes([0, 0, 0, 5]) + whole[40:]
    if kind == "none":
        copy.unlink()
    else:
        copy.write_bytes(contents[kind])
    code, stdout, stderr = ended(data.start("restore", f"backup/{name}"))
    assert code != 0
    assert stdout == ""
    assert kind == "none" or stderr.startswith("Nothing was restored, and nothing changed: ")
    assert rows(data.file) == ROWS


def test_a_restore_replaces_the_data_and_its_log(data: Data) -> None:
    """A log of what is replaced would be applied to what takes its place."""
    assert ended(data.start("backup"))[0] == 0
    [name] = data.copies()
    kept = sqlite3.connect(data.file)
    kept.execute("DELETE FROM notes WHERE id > 10")
    kept.commit()
    log = data.volume / "app.db-wal"
    written = log.read_bytes()
    kept.close()
    log.write_bytes(written)
    code, _, stderr = ended(data.start("restore", f"backup/{name}"))
    assert (code, stderr) == (0, "")
    assert rows(data.file) == ROWS
    assert ended(data.start("restore", f"backup/{name}", IN_USE="1")) == (
        1,
        "",
        "The database is in use: make stop\n",
    )
