"""The image of Postgres does what the official one's documentation says, be it that one or our stand-in for it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from engine import databases
from support.running import wait_until

NEWEST, OLDER = databases.known()
HOME = "/var/lib/postgresql"
SECRET = {"POSTGRES_PASSWORD": "secret"}
Start = Callable[..., Container]


@contextmanager
def started(client: docker.DockerClient, environment: dict[str, str], **options: Any) -> Iterator[Container]:
    """Have a container of the newest image, or of another one; its volumes go with it."""
    image = options.pop("image", NEWEST)
    container = client.containers.run(image, environment=environment, detach=True, **options)
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


@pytest.fixture
def start(client: docker.DockerClient) -> Iterator[Start]:
    """Start containers with `start(environment, option=...)`; they end with the test."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(started(client, *arguments, **options))


def ask(container: Container, sql: str, *options: str, password: str = SECRET["POSTGRES_PASSWORD"]) -> str:
    """Run SQL as from another container; return what psql prints, its errors too."""
    container.reload()
    address = container.attrs["NetworkSettings"]["IPAddress"]
    command = ["psql", "--no-align", "--tuples-only", f"--host={address}", *options, f"--command={sql}"]
    result = container.exec_run(command, environment={"PGPASSWORD": password})
    assert isinstance(result.output, bytes)
    return result.output.decode().strip()


def is_ready(container: Container) -> bool:
    """Whether it accepts connections over TCP within a while."""
    command = ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"]
    ready = wait_until(lambda: container.exec_run(command).exit_code == 0, 40)
    assert ready, container.logs().decode()
    return ready


def refusal(container: Container) -> str:
    """Return what it says when it ends with an error."""
    assert container.wait(timeout=20)["StatusCode"] == 1
    return container.logs().decode()


def test_without_a_password_it_refuses(start: Start) -> None:
    said = refusal(start({}))
    assert "Database is uninitialized and superuser password is not specified" in said
    assert "POSTGRES_PASSWORD" in said


@pytest.mark.parametrize("image", [NEWEST, OLDER])
def test_data_and_volume_are_where_the_major_has_them(client: docker.DockerClient, image: str) -> None:
    config = client.images.get(image).attrs["Config"]
    major = int(image.partition(":")[2])
    folder, volume = (f"{HOME}/{major}/docker", HOME) if major >= 18 else (f"{HOME}/data",) * 2
    environment = dict(entry.split("=", 1) for entry in config["Env"])
    assert (environment["PGDATA"], environment["PG_MAJOR"]) == (folder, str(major))
    assert list(config["Volumes"]) == [volume]
    assert config["Entrypoint"] == ["docker-entrypoint.sh"]
    assert config["Cmd"] == ["postgres"]
    assert config["StopSignal"] == "SIGINT"


def test_user_password_and_database_from_files(start: Start, tmp_path: Path) -> None:
    environment = {"POSTGRES_INITDB_ARGS": "--no-data-checksums --set=max_connections=17"}
    for name, value in (("USER", "someone"), ("PASSWORD", "of a file"), ("DB", "some-thing")):
        (tmp_path / name).write_text(f"{value}\n")
        environment[f"POSTGRES_{name}_FILE"] = f"/given/{name}"
    container = start(environment, volumes=[f"{tmp_path}:/given:ro"])
    assert is_ready(container)
    login = ("--username=someone", "--dbname=some-thing")
    given = "of a file"
    assert ask(container, "SELECT current_database()", *login, password=given) == "some-thing"
    assert "authentication failed" in ask(container, "SELECT 1", *login)
    shown = [ask(container, f"SHOW {name}", *login, password=given) for name in ("data_checksums", "max_connections")]
    assert shown == ["off", "17"]
    first = container.exec_run(["stat", "--format=%u %U", f"{HOME}/18/docker/PG_VERSION"]).output
    assert first == b"999 postgres\n"
    processes = container.top()["Processes"]
    assert {process[0] for process in processes} == {"999"}, "it steps down from root"


def test_a_variable_and_its_file_exclude_each_other(start: Start) -> None:
    said = refusal(start({**SECRET, "POSTGRES_PASSWORD_FILE": "/etc/hostname"}))
    assert "both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set (but are exclusive)" in said


def test_trust_asks_for_no_password_and_warns(start: Start) -> None:
    container = start({"POSTGRES_HOST_AUTH_METHOD": "trust"})
    assert is_ready(container)
    assert ask(container, "SELECT 1", "--username=postgres", password="") == "1"
    assert "WARNING: POSTGRES_HOST_AUTH_METHOD has been set to" in container.logs().decode()


def test_scripts_fill_a_new_volume_once(start: Start, tmp_path: Path) -> None:
    """In the order of their names; over the network it cannot be reached before they are done."""
    tmp_path.chmod(0o755)
    (tmp_path / "1.sql").write_text("CREATE TABLE t (a text); INSERT INTO t VALUES ('sql');")
    (tmp_path / "2.sql.gz").write_bytes(gzip.compress(b"INSERT INTO t VALUES ('gz');"))
    shell = 'psql -U "$POSTGRES_USER" -c "INSERT INTO t VALUES (\'sh\')" "$POSTGRES_DB"\nsleep 2\n'
    (tmp_path / "3.sh").write_text(shell)
    (tmp_path / "4.txt").write_text("nothing")
    options = ["-c", "listen_addresses=*", "-c", "log_line_prefix=two words "]
    container = start(
        {**SECRET, "POSTGRES_USER": "app"}, command=options, volumes=[f"{tmp_path}:/docker-entrypoint-initdb.d:ro"]
    )
    assert wait_until(lambda: "running /docker-entrypoint-initdb.d/3.sh" in container.logs().decode(), 30)
    assert container.exec_run(["pg_isready", "--quiet", "--host=127.0.0.1"]).exit_code != 0
    assert is_ready(container)
    every = "SELECT string_agg(a, ' ' ORDER BY ctid) FROM t"
    assert ask(container, every, "--username=app") == "sql gz sh"
    assert "ignoring /docker-entrypoint-initdb.d/4.txt" in container.logs().decode()
    container.restart()
    assert is_ready(container)
    assert ask(container, every, "--username=app") == "sql gz sh"
    assert "Skipping initialization" in container.logs().decode()


def test_a_script_that_fails_ends_it(start: Start, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "1.sql").write_text("SELECT nothing;")
    container = start(SECRET, volumes=[f"{tmp_path}:/docker-entrypoint-initdb.d:ro"])
    assert container.wait(timeout=30)["StatusCode"] != 0
    assert 'column "nothing" does not exist' in container.logs().decode()


@pytest.mark.parametrize("user", ["postgres", "12345:12345"])
def test_it_runs_hardened(start: Start, user: str) -> None:
    """As compose.yaml has it, and as any user."""
    container = start(
        SECRET,
        user=user,
        read_only=True,
        cap_drop=["ALL"],
        tmpfs={"/tmp": "", "/var/run/postgresql": "mode=1777"},  # noqa: S108
    )
    assert is_ready(container)
    assert ask(container, "SELECT 1", "--username=postgres") == "1"
    container.stop()
    assert container.wait()["StatusCode"] == 0
    assert "database system is shut down" in container.logs().decode()


def test_options_are_the_servers(start: Start) -> None:
    container = start(SECRET, command=["-c", "max_connections=23"])
    assert is_ready(container)
    assert ask(container, "SHOW max_connections", "--username=postgres") == "23"
    assert b"PostgreSQL) 18" in start({}, command=["--version"]).logs(follow=True)
    assert start({}, command=["echo", "another command"]).logs(follow=True) == b"another command\n"


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """A volume that goes when the containers with it have gone."""
    made = client.volumes.create()
    yield made.name
    made.remove(force=True)


def test_data_of_another_major_is_refused_by_name(volume: str, start: Start) -> None:
    older = start(SECRET, image=OLDER, volumes=[f"{volume}:{HOME}/data"])
    assert is_ready(older)
    older.stop()
    for mounted, named in ((f"{HOME}/data", f"{HOME}/data"), (HOME, HOME)):
        said = refusal(start(SECRET, volumes=[f"{volume}:{mounted}"]))
        assert f"there appears to be PostgreSQL data in:\n         {named}\n" in said
    other = start({**SECRET, "PGDATA": f"{HOME}/mine"}, volumes=[f"{volume}:{HOME}/mine"])
    assert "initialized by PostgreSQL version 17" in refusal(other)
