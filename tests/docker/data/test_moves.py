"""Data that moves: a copy restored as the README says, and what another major of Postgres has left on the volume."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from support.data.notes import copies, database_of, project_with, psql, status, texts, write
from support.running import Service, wait_until

OLDER = "postgres:17"
# Where a project's volume was mounted with that major, and where it keeps data beside other majors.
LAYOUTS = {
    "the folder of its major": ("/var/lib/postgresql", "/var/lib/postgresql/17/docker"),
    "the volume itself": ("/var/lib/postgresql/data", "/var/lib/postgresql/data"),
}


def shell(service: Service, commands: str) -> None:
    """Run commands in the project's folder; fails the test if one fails."""
    done = subprocess.run(
        ["sh", "-ec", commands], cwd=service.project.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def block_after(service: Service, words: str) -> str:
    """Return the first block of commands after these words in the project's README."""
    text = service.project.read("README.md")
    found: list[str] = re.findall(r"```sh\n(.*?)```", text[text.index(words) :], re.DOTALL)
    return found[0]


@pytest.mark.full
def test_sqlite_is_restored_as_the_readme_says(sqlite: Service) -> None:
    """After a kill, too, which leaves a log beside the file that belongs to what is replaced."""
    write(sqlite, "in the copy")
    assert sqlite.project.make("backup").returncode == 0
    write(sqlite, "after the copy")
    sqlite.container.kill()
    commands = block_after(sqlite, "To restore a copy")
    commands = commands.replace("make run\n", "")
    shell(sqlite, commands.replace("backup/FILE.db", str(copies(sqlite)[-1])))
    sqlite.run()
    found = texts(sqlite)
    assert "in the copy" in found
    assert "after the copy" not in found
    assert write(sqlite, "goes on").status == 201


@pytest.mark.full
def test_postgres_is_restored_as_the_readme_says(postgres: Service) -> None:
    """The service stops for it, and finds what was in the dump."""
    write(postgres, "in the dump")
    dump, restore = block_after(postgres, "Back up, and restore").split("\n\n")
    shell(postgres, dump)
    write(postgres, "after the dump")
    shell(postgres, restore)
    assert wait_until(lambda: status(postgres) == 200, 30)
    found = texts(postgres)
    assert "in the dump" in found
    assert "after the dump" not in found
    assert write(postgres, "goes on").status == 201


def cut(dump: Path, share: float) -> None:
    """Take the end of a file away."""
    content = dump.read_bytes()
    dump.write_bytes(content[: int(len(content) * share)])


@pytest.mark.full
def test_half_of_a_dump_replaces_nothing(postgres: Service) -> None:
    """Wherever it was cut: before, within and after the rows."""
    write(postgres, "in the dump")
    dump, restore = block_after(postgres, "Back up, and restore").split("\n\n")
    write(postgres, "after the dump")
    for share in (0, 0.1, 0.5, 0.9, 0.99):
        shell(postgres, dump)
        cut(postgres.project.path.parent / f"{postgres.project.slug}.dump", share)
        # As pasted, where one command that fails does not keep the next one from running.
        done = subprocess.run(
            ["sh", "-c", restore], cwd=postgres.project.path, capture_output=True, text=True, check=False
        )
        assert "pg_restore: error: " in done.stderr, (share, done.stderr)
        assert wait_until(lambda: status(postgres) == 200, 30)
        assert {"in the dump", "after the dump"} <= set(texts(postgres))
    shell(postgres, dump)
    shell(postgres, restore)
    assert wait_until(lambda: status(postgres) == 200, 30)
    assert "after the dump" in texts(postgres)


@pytest.fixture(scope="module")
def upgraded(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A project that has never run."""
    with project_with(tmp_path_factory.mktemp("upgraded"), client, database="postgres", framework="http") as service:
        yield service


def older_data(service: Service, layout: str) -> None:
    """Fill the project's volume by the major before."""
    mounted, folder = LAYOUTS[layout]
    client, name = service.client, f"{service.project.slug}_older"
    volume = f"{service.project.slug}_database"
    label = "com.docker.compose"
    client.volumes.create(volume, labels={f"{label}.project": service.project.slug, f"{label}.volume": "database"})
    container = client.containers.run(
        OLDER,
        name=name,
        environment={"PGDATA": folder, "POSTGRES_USER": "app", "POSTGRES_PASSWORD": "development"},
        volumes=[f"{volume}:{mounted}"],
        detach=True,
    )
    try:
        ready = ["pg_isready", "--quiet", "--host=127.0.0.1"]
        assert wait_until(lambda: container.exec_run(ready).exit_code == 0, 30), container.logs().decode()
        kept = "CREATE TABLE kept AS SELECT 'from 17' AS text"
        assert container.exec_run(["psql", "--username=app", f"--command={kept}"]).exit_code == 0
        container.stop()
    finally:
        container.remove(force=True, v=True)


def lines_that_are_shown(service: Service) -> list[str]:
    """Do `make run`, which fails; return the commands that it shows, in three parts."""
    slug = service.project.slug
    result = service.project.make("run", PORT=str(service.port))
    assert result.returncode != 0
    said = f"The volume {slug}_database holds data of PostgreSQL 17, and this project runs 18. Dump it with 17:"
    assert result.stderr.count(said) == 1, result.stderr
    parts = re.findall(r"(?:^  .*\n)+", result.stderr.split(said)[1], re.MULTILINE)
    assert len(parts) == 3, result.stderr
    return parts


def remove_data(service: Service) -> None:
    """Stop it, and remove its volume."""
    assert service.project.make("stop").returncode == 0
    service.client.volumes.get(f"{service.project.slug}_database").remove()


def kept_in(service: Service) -> list[str]:
    """Return what is at the top of the project's volume."""
    volume = {f"{service.project.slug}_database": {"bind": "/data", "mode": "rw"}}
    command = ["ls", "/data"]
    listed = service.client.containers.run(OLDER, command, entrypoint="", volumes=volume, remove=True)
    return sorted(listed.decode().split())


@pytest.mark.full
@pytest.mark.parametrize("layout", LAYOUTS)
def test_data_of_an_older_major_is_named_and_moved_by_the_lines_that_are_shown(upgraded: Service, layout: str) -> None:
    older_data(upgraded, layout)
    dump, move, remove = lines_that_are_shown(upgraded)
    shell(upgraded, dump + move)
    assert kept_in(upgraded) == ["18", "old-17"]
    shell(upgraded, remove)
    assert kept_in(upgraded) == ["18"]
    upgraded.run()
    assert psql(upgraded, "SELECT text FROM kept") == "from 17"
    assert psql(upgraded, "SHOW server_version_num").startswith("18")
    assert write(upgraded, "goes on").status == 201
    remove_data(upgraded)


@pytest.mark.full
def test_half_of_a_dump_of_an_older_major_leaves_its_data_there(upgraded: Service) -> None:
    """A new dump of what was put aside is restored in its place."""
    older_data(upgraded, "the folder of its major")
    dump, move, _ = lines_that_are_shown(upgraded)
    shell(upgraded, dump)
    cut(upgraded.project.path.parent / f"{upgraded.project.slug}.dump", 0.5)
    done = subprocess.run(["sh", "-c", move], cwd=upgraded.project.path, capture_output=True, text=True, check=False)
    assert "pg_restore: error: " in done.stderr
    assert kept_in(upgraded) == ["18", "old-17"]
    folder = "/var/lib/postgresql"
    shell(upgraded, dump.replace(f"PGDATA={folder}/17", f"PGDATA={folder}/old-17/17"))
    shell(upgraded, move[move.index("  docker exec --interactive") :])
    assert psql(upgraded, "SELECT text FROM kept") == "from 17"
    remove_data(upgraded)


def test_a_new_volume_needs_no_word_about_majors(postgres: Service) -> None:
    """Nor does a restart of the same one."""
    assert b"appears to be PostgreSQL data" not in database_of(postgres).logs()
    result = postgres.project.make("run", PORT=str(postgres.port))
    assert result.returncode == 0
    assert "holds data of" not in result.stdout + result.stderr
