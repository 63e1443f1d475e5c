"""A project with a database, by its own tests: here with SQLite, which needs nothing beside Node.

Those of Postgres need a server: tests/docker/data.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from loopback import free_port
from support.baking import BakedProject, bake
from support.combinations import CHOICES
from support.installed import install, node_run

EXAMPLE = ("src/notes.js", "src/notes-store.js", "test/notes.test.js", "migrations/0001-notes.sql")


def run_tests(project: BakedProject, *names: str) -> subprocess.CompletedProcess[str]:
    """Run these of the project's tests."""
    tests = [f"test/{name}.test.js" for name in names]
    return node_run(project, "--no-warnings", "--test", "--test-force-exit", *tests)


@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_the_notes_of_every_framework(tmp_path: Path, framework: str) -> None:
    project = install(bake(tmp_path, framework=framework, database="sqlite"))
    result = run_tests(project, "app", "notes")
    assert result.returncode == 0, result.stdout[-6000:]
    assert re.search(r"pass 1[3-9]\b", result.stdout), result.stdout[-1000:]


def test_the_file_and_the_migrations(tmp_path: Path) -> None:
    result = run_tests(bake(tmp_path, framework="http", database="sqlite"), "database", "migrate")
    assert result.returncode == 0, result.stdout[-6000:]


def test_the_example_can_go(tmp_path: Path) -> None:
    """With its files and the lines in src/app that name it; what is left passes its tests."""
    project = bake(tmp_path, framework="http", database="sqlite")
    for path in EXAMPLE:
        (project.path / path).unlink()
    app = project.path / "src" / "app.js"
    text = re.sub(r"import .* from './notes\.js';\n", "", app.read_text())
    app.write_text(text.replace("...createRoutes(context), ...createNotes(context)", "...createRoutes(context)"))
    result = run_tests(project, "app", "database", "migrate")
    assert result.returncode == 0, result.stdout[-6000:]


def test_a_migration_needs_the_settings_of_the_database_alone(tmp_path: Path) -> None:
    """An orchestrator runs it before the service, without the service's own settings."""
    project = bake(tmp_path, framework="http", database="sqlite")
    config = project.path / "src" / "config.js"
    text = config.read_text()
    config.write_text(text.replace("    // Your own", "    apiKey: read.text('API_KEY'),\n    // Your own"))
    result = node_run(project, "--no-warnings", "src/migrate.js", DATABASE_FILE=str(tmp_path / "app.db"))
    assert (result.returncode, result.stdout) == (0, "migrations: 0001-notes.sql\n")
    assert "API_KEY must be set" in node_run(project, "--no-warnings", "src/server.js", limit=20).stdout


def start(project: BakedProject, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a service that does not come up; return what it said."""
    return node_run(project, "--no-warnings", "src/server.js", limit=20, PORT=str(free_port()), **settings)


def test_a_start_without_the_server_waits_and_gives_up_in_two_lines(tmp_path: Path) -> None:
    project = install(bake(tmp_path, framework="http", database="postgres"))
    address = f"127.0.0.1:{free_port()}"
    settings = {"DATABASE_URL": f"postgres://app:secret@{address}/app", "DATABASE_WAIT_MS": "700"}
    result = start(project, **settings)
    assert result.returncode == 1
    waiting, end = result.stdout.splitlines()
    assert f'"msg":"waiting for the database at {address}: ' in waiting
    assert '"level":"fatal"' in end
    assert f'"msg":"gave up on the database at {address} after 700 ms: ' in end
    assert "secret" not in result.stdout
    migration = node_run(project, "--no-warnings", "src/migrate.js", limit=20, **settings)
    assert migration.returncode == 1
    assert [line.split(f" at {address}")[0] for line in migration.stdout.splitlines()] == [
        "waiting for the database",
        "gave up on the database",
    ]


def test_a_bad_url_is_not_shown(tmp_path: Path) -> None:
    project = install(bake(tmp_path, framework="http", database="postgres"))
    result = start(project, DATABASE_URL="postgres://u:secret@/x")
    assert result.returncode == 1
    assert result.stdout.startswith("DATABASE_URL must be postgres://USER:PASSWORD@HOST:PORT/NAME")
    assert "secret" not in result.stdout


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("::1", "the database at [::1]:"),
        ("[::1]", "the database at [::1]:"),
        ("db:5432", 'DATABASE_HOST must be a host name or an address, not "db:5432"'),
    ],
    ids=["bare", "brackets", "bad"],
)
def test_a_host_may_be_an_ipv6_address_and_is_named_if_it_is_bad(tmp_path: Path, host: str, said: str) -> None:
    """Without a DATABASE_URL: a message about that one would name what nobody has set."""
    project = install(bake(tmp_path, framework="http", database="postgres"))
    result = start(project, DATABASE_HOST=host, DATABASE_PORT=str(free_port()), DATABASE_WAIT_MS="1")
    assert result.returncode == 1
    assert said in result.stdout
    assert "DATABASE_URL" not in result.stdout


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_value_goes_into_the_text_of_a_statement(tmp_path: Path, database: str) -> None:
    """What a template literal puts into SQL is a constant of the file, written in capitals."""
    project = bake(tmp_path, database=database, language="typescript")
    statement = re.compile(r"`[^`]*\b(?:SELECT|INSERT|UPDATE|DELETE)\b[^`]*`")
    found = statement.findall(project.read("src/notes-store.ts"))
    assert len(found) > 3
    assert {name for text in found for name in re.findall(r"\$\{(.*?)\}", text)} == {"COLUMNS"}


@pytest.mark.parametrize(
    ("database", "orchestrator"),
    [("sqlite", "none"), *(("postgres", orchestrator) for orchestrator in CHOICES["orchestrator"])],
)
def test_the_readme_knows_every_setting_of_the_database(tmp_path: Path, database: str, orchestrator: str) -> None:
    project = bake(tmp_path, database=database, orchestrator=orchestrator)
    read = set(re.findall(r"'(DATABASE_[A-Z_]+)'", project.read("src/database.js") + project.read("src/config.js")))
    readme = project.read("README.md")
    assert read
    assert [name for name in read if not re.search(rf"^\| .*`{name}`", readme, re.MULTILINE)] == []
    assert set(re.findall(r"^(DATABASE_\w+)=", project.read(".env.example"), re.MULTILINE)) <= read


def test_without_a_database_nothing_of_it_is_there(tmp_path: Path) -> None:
    """Not a file, not a dependency, not a setting."""
    project = bake(tmp_path)
    assert [path for path in project.files if re.search("database|migrat|notes", path)] == []
    for path in project.files:
        assert not re.search(r'DATABASE_|"pg":|sqlite|notes-store|src/migrate', project.read(path)), path
