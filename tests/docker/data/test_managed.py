"""A database that is given, over TLS and with an authority of its own, as the README says; not in Swarm."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from support.data.given import Given, given_database
from support.data.notes import project_with, status, texts, write
from support.readme_text import fenced_blocks
from support.running import Service
from support.runtime.containers import main_instance
from support.runtime.one_by_default import ONE_BY_DEFAULT

ANOTHER = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Private test CA' -keyout /dev/null -out ca.pem"
PASSWORD = "given"  # noqa: S105


@pytest.fixture(scope="module")
def given(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """A server that is not the project's."""
    with given_database(client, tmp_path_factory.mktemp("given")) as database:
        yield database


@pytest.fixture(params=ONE_BY_DEFAULT)
def managed(
    request: pytest.FixtureRequest, client: docker.DockerClient, given: Given, tmp_path: Path
) -> Iterator[Service]:
    """A project in which the README's lines for such a database are followed, with this one's address."""
    with project_with(tmp_path, client, database="postgres", **request.param) as service:
        folder = service.project.path
        section = service.project.read("README.md").split("### A managed database\n")[1].split("\n## ")[0]
        [settings] = fenced_blocks(section, "ini")
        [volumes] = fenced_blocks(section, "yaml")
        there = given.url.replace(f":{PASSWORD}@", "@")
        settings = settings.replace("postgres://user@db.example.com:5432/name", there).replace("s3cret", PASSWORD)
        assert f"APP_DATABASE_URL={there}?sslmode=" in settings
        (folder / ".env.managed").write_text(settings, encoding="utf-8")
        compose = service.project.read("compose.yaml")
        assert compose.count('    # volumes: ["data:/data"]\n') == 1
        compose = compose.replace('    # volumes: ["data:/data"]\n', "".join(f"    {volumes.strip()}\n"))
        (folder / "compose.yaml").write_text(compose, encoding="utf-8")
        (folder / "ca.pem").write_text(given.authority, encoding="utf-8")
        yield service


def run(service: Service) -> subprocess.CompletedProcess[str]:
    """Do `make run` with the settings of the managed database."""
    return service.project.make("run", PORT=str(service.port), ENV_FILE=".env.managed")


def test_a_managed_database_has_tls_and_another_authority_is_refused(managed: Service, given: Given) -> None:
    """Migrated and served, every connection encrypted; with another CA one line, and the previous version serves."""
    result = run(managed)
    assert result.returncode == 0, result.stdout + result.stderr
    assert given.ask("SELECT name FROM migrations") == "0001-notes.sql"
    assert write(managed, managed.project.slug).status == 201
    encrypted = "SELECT bool_and(ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
    assert given.ask(f"{encrypted} WHERE client_addr IS NOT NULL AND application_name = ''") == "t|4"
    assert {".env.managed", "ca.pem"} & set(managed.project.read(".gitignore").splitlines()) == {".env.managed"}
    before = main_instance(managed).identity
    subprocess.run(["sh", "-ec", ANOTHER], cwd=managed.project.path, check=True, capture_output=True)
    result = run(managed)
    assert result.returncode != 0
    assert "waiting for the database" not in result.stdout + result.stderr
    address = given.url.partition("@")[2].partition("/")[0]
    [line] = [line for line in result.stderr.splitlines() if "database" in line and "certificate" in line]
    assert line.startswith(f"no login to the database at {address}: ")
    assert f":{PASSWORD}@" not in result.stdout + result.stderr
    assert main_instance(managed).identity == before
    assert status(managed) == 200
    assert managed.project.slug in texts(managed)
