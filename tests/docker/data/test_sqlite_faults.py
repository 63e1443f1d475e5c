"""SQLite: a copy while it serves, a full disk, a writer beside it, a stop in the middle."""

from __future__ import annotations

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from support.data.notes import (
    assert_follows,
    copies,
    fill_up,
    project_with,
    status,
    texts,
    with_a_small_disk,
    write,
    writing,
)
from support.running import Service, wait_until
from support.runtime.containers import main_instance


def test_a_copy_while_it_serves_is_whole(sqlite: Service) -> None:
    """What was answered before the copy began is in it; git and the image ignore the folder."""
    write(sqlite, "before the copy")
    with writing(sqlite, "copy") as writers:
        assert wait_until(lambda: all(len(writer.acknowledged) > 20 for writer in writers), 20)
        sure = [text for writer in writers for text in writer.acknowledged]
        result = sqlite.project.make("backup")
        assert result.returncode == 0, result.stderr
    copy = copies(sqlite)[-1]
    assert result.stdout == f"backup/{copy.name}\n"
    with sqlite3.connect(copy) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {text for (text,) in database.execute("SELECT text FROM notes")}
    assert {"before the copy", *sure} <= kept
    listed = main_instance(sqlite).execute("node", "-p", "fs.readdirSync('/data').join()")[1].strip()
    assert set(listed.split(",")) <= {"app.db", "app.db-wal", "app.db-shm"}
    assert "backup/" in sqlite.project.read(".gitignore").splitlines()
    assert "backup" in sqlite.project.read(".dockerignore").splitlines()


def test_make_db_reads_and_cannot_write(sqlite: Service) -> None:
    write(sqlite, "looked at")
    shell = ["make", "db"]
    asked = "SELECT text FROM notes\n WHERE text = 'looked at';\nDELETE FROM notes;\n"
    result = subprocess.run(shell, cwd=sqlite.project.path, input=asked, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "looked at" in result.stdout
    assert "attempt to write a readonly database" in result.stdout
    assert "looked at" in texts(sqlite)


def test_a_drain_answers_what_is_in_flight(sqlite: Service) -> None:
    """Another process writes: the request waits its turn, SIGTERM comes, and it is answered all the same."""
    instance = main_instance(sqlite)
    hold = "const d = new (require('node:sqlite').DatabaseSync)('/data/app.db');"
    hold += "d.exec('BEGIN IMMEDIATE'); console.log('held'); setTimeout(() => d.exec('COMMIT'), 500);"
    command = ["docker", "exec", sqlite.project.slug, "node", "--no-warnings", "--eval", hold]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ThreadPoolExecutor(1) as threads:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        answer = threads.submit(write, sqlite, "in turn")
        start = instance.drain()
        assert answer.result().status == 201
    assert instance.ended(start)[0] == 0
    sqlite.run()
    assert "in turn" in texts(sqlite)


@pytest.mark.full
def test_a_disk_that_is_full(client: docker.DockerClient, tmp_path: Path) -> None:
    """A 503 for what does not fit, no crash; what fitted is there, and there is service once there is room."""
    with project_with(tmp_path, client, database="sqlite") as service, with_a_small_disk(service, "data", 2):
        instance = main_instance(service)
        before = instance.identity
        fill = "fs.writeFileSync('/data/fill', Buffer.alloc(1400000))"
        assert instance.execute("node", "-e", fill)[0] == 0
        kept = fill_up(service)
        assert kept
        assert status(service, "/livez") == 200
        assert set(texts(service)) == set(kept)
        assert instance.execute("node", "-e", "fs.unlinkSync('/data/fill')")[0] == 0
        assert_follows(service, 200)
        assert write(service, "room").status == 201
        assert instance.identity == before
