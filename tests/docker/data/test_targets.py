"""The make targets of a project with a database: migrations before the roll-out, a look inside, development apart."""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from http.client import HTTPException

import pytest

from loopback import free_port
from support.data.notes import VOLUMES, assert_follows, database_of, psql, status, texts, write
from support.development import make_dev
from support.running import Service, leftovers, request, wait_until
from support.runtime.containers import main_instance

BAD = "CREATE TABLE half (id bigint);\nALTER TABLE nothing ADD COLUMN more text;\n"
GOOD = "ALTER TABLE notes ADD COLUMN more text;\n"


def run(service: Service) -> subprocess.CompletedProcess[str]:
    """Do `make run`, which may fail."""
    return service.project.make("run", PORT=str(service.port))


def test_a_migration_that_fails_changes_nothing_and_the_version_before_serves_on(either: Service) -> None:
    before = main_instance(either).identity
    write(either, "before the migration")
    (either.project.path / "migrations" / "0002-bad.sql").write_text(BAD, encoding="utf-8")
    result = run(either)
    assert result.returncode != 0
    assert "0002-bad.sql failed and changed nothing: " in result.stderr
    assert main_instance(either).identity == before
    assert status(either) == 200
    assert "before the migration" in texts(either)
    if either.project.answers["database"] == "postgres":
        assert psql(either, "SELECT to_regclass('half')") == ""
    (either.project.path / "migrations" / "0002-bad.sql").unlink()
    assert run(either).returncode == 0


@pytest.mark.full
def test_make_migrate_twice(postgres: Service) -> None:
    """With the image of the project as it is: what is new is applied, and then there is nothing new."""
    folder = postgres.project.path / "migrations"
    (folder / "0002-more.sql").write_text(GOOD, encoding="utf-8")
    try:
        outputs = [postgres.project.make("migrate").stdout.splitlines()[-1] for _ in range(2)]
        assert outputs == ["migrations: 0002-more.sql", "migrations: nothing new"]
        assert write(postgres, "with another column").status == 201
    finally:
        (folder / "0002-more.sql").unlink()
        psql(postgres, "ALTER TABLE notes DROP COLUMN more; DELETE FROM migrations WHERE name = '0002-more.sql'")


def test_make_db_opens_psql(postgres: Service) -> None:
    done = subprocess.run(
        ["make", "db"],
        cwd=postgres.project.path,
        input="SELECT 'seen ' || version();\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "seen PostgreSQL 18" in done.stdout


def test_only_the_project_reaches_the_database_which_is_hardened(postgres: Service) -> None:
    attributes = database_of(postgres).attrs
    host = attributes["HostConfig"]
    assert not any(attributes["NetworkSettings"]["Ports"].values())
    assert attributes["Config"]["User"] == "postgres"
    assert (host["CapDrop"], host["ReadonlyRootfs"]) == (["ALL"], True)
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] == 1024**3
    assert host["PidsLimit"] == 512
    assert [mount["Name"] for mount in attributes["Mounts"]] == [f"{postgres.project.slug}_database"]
    refused = psql(postgres, "SELECT count(*) FROM pg_hba_file_rules WHERE address = 'all' AND auth_method = 'trust'")
    assert refused == "0"


@pytest.mark.full
def test_development_has_a_database_of_its_own(either: Service) -> None:
    """With its own volume; a new migration is applied without a word, and nothing but the volume stays."""
    slug = either.project.slug
    write(either, "of production")
    development = Service(either.project, free_port(), either.client)
    with make_dev(development, free_port()):
        assert write(development, "of development").status == 201
        assert texts(development) == ["of development"]
        (either.project.path / "migrations" / "0002-more.sql").write_text(GOOD, encoding="utf-8")
        started = either.client.containers.get(f"{slug}_dev").attrs["State"]["StartedAt"]

        def is_new() -> bool:
            with suppress(OSError, HTTPException):
                now = either.client.containers.get(f"{slug}_dev").attrs["State"]["StartedAt"]
                return bool(now != started and request(development.port, "/readyz").status == 200)
            return False

        assert wait_until(is_new, 60)
        assert write(development, "with it").status == 201
    kept = {f"{slug}_{name}" for name in VOLUMES if "dev" in name}
    assert not {name for name in leftovers(either.client, slug) if f"{slug}_dev" in name} - kept
    for name in kept & set(leftovers(either.client, slug)):
        either.client.volumes.get(name).remove()
    assert status(either) == 200
    assert "of development" not in texts(either)


@pytest.mark.full
def test_a_volume_outlives_stop_and_clean(either: Service) -> None:
    """`make clean` names it, and what is in it is there after the next `make run`."""
    volume = "database" if either.project.answers["database"] == "postgres" else "data"
    name = f"{either.project.slug}_{volume}"
    write(either, "outlives")
    result = either.project.make("clean")
    assert result.returncode == 0
    assert f"docker volume rm {name}" in result.stdout
    assert leftovers(either.client, either.project.slug) == [name]
    either.run()
    assert_follows(either, 200)
    assert "outlives" in texts(either)
    assert json.loads(either.get("/notes?limit=1").body)["next"]
