"""MySQL: what the service answers while its database is there, away, hanging or busy, and that it comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from docker.models.containers import Container

from support.recipes.beside import (
    STATES,
    assert_refused_in_time,
    assert_rest_serves,
    assert_stops_in_order,
    container_of,
    in_state,
    is_alive,
    running,
    timed,
)
from support.recipes.page import FENCE, page_of
from support.recipes.secrets import mount_secrets, write_secret
from support.running import Response, Service, is_ready, wait_until

AT_ONCE = 1.0  # seconds
# A statement has two seconds, a connection one, and the line two turns at the most.
LIMIT = 8.0
JSON = {"content-type": "application/json"}
SCHEMA = "CREATE TABLE messages (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT NOT NULL);\n"
INJECTION = "'); DROP TABLE messages; -- \\"
# What an owner would write: a message is kept, and all like it are answered; a statement that takes its time.
ROUTES = """
  router.post('/messages', acceptJson(limit), parseJson, async (req, res) => {
    const text = parseEcho(req.body).message;
    INSERT
    SELECT
    res.json(rows);
  });
  router.get('/sleep', async (req, res) => {
    const [rows] = await mysql.execute('SELECT SLEEP(?)', [Number(req.query.seconds)]);
    res.json(rows);
  });

  return router;"""


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service with its database, a table, and routes that use it as the page shows."""
    folder = recipe.project.path
    end = {"typescript": "ts", "javascript": "js"}[recipe.project.answers["language"]]
    [statements] = [text for language, text in FENCE.findall(page_of("mysql").text) if language == "js"]
    insert, select = statements.splitlines()
    routes = folder / "src" / f"routes.{end}"
    source = routes.read_text(encoding="utf-8")
    first, rest = source.split("\n", 1)
    rest = rest.replace("\n  return router;", ROUTES.replace("INSERT", insert, 1).replace("SELECT", select, 1))
    routes.write_text(f"{first}\nimport {{ mysql }} from './mysql.{end}';\n{rest}", encoding="utf-8")
    (folder / "schema").mkdir()
    (folder / "schema" / "messages.sql").write_text(SCHEMA, encoding="utf-8")
    [volumes] = [line for line in page_of("mysql").text.splitlines() if "initdb.d" in line]
    compose = recipe.project.read("compose.yaml")
    mounted = '    volumes: ["mysql:/var/lib/mysql"]'
    assert compose.count(mounted) == 1
    (folder / "compose.yaml").write_text(compose.replace(mounted, volumes), encoding="utf-8")
    with running(recipe, "mysql") as service:
        yield service


def mysql_of(service: Service) -> Container:
    """Return the container of the database."""
    return container_of(service, "mysql")


def keep(service: Service, text: str) -> int:
    """Keep a message; return how many like it there are."""
    answer = service.get("/messages", "POST", body=json.dumps({"message": text}), headers=JSON)
    assert answer.status == 200, answer
    found = json.loads(answer.body)
    assert {row["text"] for row in found} == {text}
    return len(found)


def sleep(service: Service, seconds: float) -> tuple[Response, float]:
    """Ask for a statement that takes so long."""
    return timed(service, f"/sleep?seconds={seconds}", seconds=30)


def assert_serves_without_it(service: Service, limit: float) -> None:
    """What needs the database fails within a limit, and says nothing about it; the rest goes on."""
    assert_refused_in_time(sleep(service, 0), limit)
    assert_rest_serves(service, LIMIT)


def test_what_is_kept_outlives_a_stop(service: Service) -> None:
    count = keep(service, "a")
    assert keep(service, "a") == count + 1
    assert service.project.make("stop").returncode == 0
    service.run()
    assert keep(service, "a") == count + 2


@pytest.mark.parametrize(
    "text", [INJECTION, "\N{SNOWMAN}\N{PILE OF POO}", "\0", "?"], ids=["injection", "unicode", "nul", "placeholder"]
)
def test_a_value_is_never_read_as_sql(service: Service, text: str) -> None:
    assert keep(service, text) == 1
    assert keep(service, text) == 2


def test_only_the_service_reaches_the_database_and_it_is_no_root(service: Service) -> None:
    attributes = mysql_of(service).attrs
    assert not any(attributes["NetworkSettings"]["Ports"].values())
    assert (attributes["HostConfig"]["CapDrop"], attributes["Config"]["User"]) == (["ALL"], "mysql")
    assert "no-new-privileges:true" in attributes["HostConfig"]["SecurityOpt"]
    grants = mysql_of(service).exec_run(
        ["mariadb", "--skip-ssl", "--user=app", "--password=app", "--host=127.0.0.1", "--execute=SHOW GRANTS", "app"]
    )
    assert b"ALL PRIVILEGES ON `app`.*" in grants.output
    assert b"ALL PRIVILEGES ON *.*" not in grants.output


def test_a_slow_statement_is_given_up_and_the_pool_recovers(service: Service) -> None:
    """Ten at a time hold every connection; the next ones get new ones."""
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: sleep(service, 60), range(10)))
    assert [answer.status for answer, _ in answers] == [500] * 10
    assert max(seconds for _, seconds in answers) < LIMIT
    assert sleep(service, 0)[0].status == 200


def test_few_wait_and_more_than_that_are_refused_at_once(service: Service) -> None:
    """Ten have a connection each, twenty wait for one, ten are too many."""
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(lambda _: sleep(service, 1), range(40)))
    assert sorted(answer.status for answer, _ in answers) == [200] * 30 + [500] * 10
    assert max(seconds for answer, seconds in answers if answer.status == 500) < AT_ONCE


def test_a_busy_pool_is_no_reason_to_take_the_service_out(service: Service) -> None:
    with ThreadPoolExecutor(30) as threads:
        answers = [threads.submit(sleep, service, 1) for _ in range(30)]
        time.sleep(0.5)
        assert is_ready(service.port)
        assert [answer.result()[0].status for answer in answers] == [200] * 30


def test_while_it_is_away_requests_fail_at_once_and_it_comes_back(service: Service) -> None:
    count, started = keep(service, "away"), service.container.attrs["State"]["StartedAt"]
    with in_state(mysql_of(service), "away"):
        assert_serves_without_it(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 30)
    assert keep(service, "away") == count + 1
    assert service.container.attrs["State"]["StartedAt"] == started


def test_it_starts_without_the_database(service: Service) -> None:
    with in_state(mysql_of(service), "away"):
        service.container.restart()
        assert wait_until(lambda: is_alive(service), 10)
        assert_serves_without_it(service, AT_ONCE)
    assert wait_until(lambda: is_ready(service.port), 30)


def test_a_database_that_hangs_delays_nothing_for_long(service: Service) -> None:
    keep(service, "before")
    with in_state(mysql_of(service), "hanging"):
        assert_serves_without_it(service, LIMIT)
        with ThreadPoolExecutor(40) as threads:
            answers = list(threads.map(lambda _: sleep(service, 0), range(40)))
        assert [answer.status for answer, _ in answers] == [500] * 40
        assert max(seconds for _, seconds in answers) < LIMIT
    assert wait_until(lambda: is_ready(service.port), 30)
    assert keep(service, "after") > 0


@pytest.mark.parametrize("state", STATES)
def test_a_stop_exits_with_0(service: Service, state: str) -> None:
    keep(service, "stop")
    assert_stops_in_order(service, "mysql", state, 60)


def test_a_wrong_password_is_said_in_a_line_without_it(service: Service) -> None:
    """By a URL from a file, and one that is right after it."""
    page = page_of("mysql")
    [variable] = [line for line in page.text.splitlines() if line.startswith("MYSQL_URL_FILE=")]
    mount_secrets(service, page)
    (service.project.path / ".env").write_text(f"{variable}\n", encoding="utf-8")
    write_secret(service, "mysql-url", "mysql://app:not-this-one@mysql/app")
    assert service.project.make("run", PORT=str(service.port)).returncode != 0
    assert service.get("/readyz").status == 503
    reasons = [line for line in map(json.loads, service.logs()) if line["msg"] == "not ready"]
    assert all("Access denied for user 'app'" in line["err"]["message"] for line in reasons)
    assert reasons
    assert "not-this-one" not in "".join(service.logs())
    write_secret(service, "mysql-url", "mysql://app:app@mysql/app")
    # The file is read at a start, and for its content alone compose would start nothing anew.
    assert service.project.make("stop").returncode == 0
    service.run()
    assert keep(service, "from a file") == 1


@pytest.mark.usefixtures("resumed")
def test_an_encrypted_connection_checks_the_certificate(service: Service) -> None:
    """MariaDB has made one for itself, which nobody knows."""
    write_secret(service, "mysql-url", "mysql://app:app@mysql/app?ssl={}")
    assert service.project.make("stop").returncode == 0
    assert service.project.make("run", PORT=str(service.port)).returncode != 0
    reasons = [line["err"]["message"] for line in map(json.loads, service.logs()) if line["msg"] == "not ready"]
    assert reasons
    assert all("self-signed certificate" in reason for reason in reasons)
    write_secret(service, "mysql-url", "mysql://app:app@mysql/app")
    assert service.project.make("stop").returncode == 0


@pytest.mark.usefixtures("resumed")
def test_a_bad_url_stops_the_start(service: Service) -> None:
    (service.project.path / ".env").write_text("MYSQL_URL=mysql.example.com\n", encoding="utf-8")
    result = service.project.make("run", PORT=str(service.port))
    assert result.returncode != 0
    assert "MYSQL_URL must be a mysql:// URL" in result.stdout + result.stderr
