"""compose.yaml: every limit is bounded and one APP_ variable away, and nothing else is read from the shell."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import databases
from support.baking import NEEDS_MAKE, BakedProject, bake
from support.fakes import Fakes
from support.limits import compose_limits


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def makes(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A project whose Makefile has the variables of an orchestrator, too."""
    return bake(tmp_path_factory.mktemp("makes"), orchestrator="kubernetes")


@pytest.fixture(scope="module")
def services(project: BakedProject) -> dict[str, Any]:
    """The services of compose.yaml."""
    found: dict[str, Any] = yaml.safe_load(project.read("compose.yaml"))["services"]
    return found


def mebibytes(size: str) -> int:
    """Return a size such as `1g` or `256m` in MiB."""
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]


def test_only_app_variables_are_read(project: BakedProject) -> None:
    """A shell or .env with NAME, IMAGE, TAG or PORT changes nothing."""
    names = re.findall(r"\$\{?([A-Za-z_]+)", project.read("compose.yaml"))
    assert names
    assert [name for name in names if not name.startswith("APP_")] == []


@NEEDS_MAKE
@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("NAME", "node-multi-stage-app"),
        ("VERSION", "0.1.0"),
        ("IMAGE", "node-multi-stage-app"),
        ("TAG", "0.1.0"),
        *((name, "") for name in ("PORT", "HOST_IP", "DEBUG_PORT", "ENV_FILE", "PACKAGE", "REFUSE", "DEV", "UNDO")),
        ("OVERLAY", "production"),
    ],
)
def test_make_takes_its_variables_from_the_command_line_only(makes: BakedProject, name: str, default: str) -> None:
    """In recipes and in the environment of scripts; there are no others that the shell's variables may change."""
    ask = f"--eval=print: ; @echo '$({name})' \"$${name}\""
    shell = makes.make_with({**os.environ, name: "of-the-shell"}, ask, "print")
    assert shell.stdout == f"{default} {default}\n", shell.stderr
    given = makes.make_with({**os.environ, name: "of-the-shell"}, ask, "print", f"{name}=given")
    assert given.stdout == "given given\n", given.stderr


@NEEDS_MAKE
def test_logs_are_followed_on_a_terminal_only(makes: BakedProject, tmp_path: Path) -> None:
    """Whatever the shell calls `follow`."""
    fakes = Fakes(tmp_path / "fakes", "docker")
    makes.make_with({**os.environ, "PATH": fakes.path, "follow": "--of-the-shell"}, "logs")
    assert f"docker logs {makes.slug}" in fakes.calls


def test_containers_have_the_names_of_no_other_project(project: BakedProject, services: dict[str, Any]) -> None:
    """An underscore is in no slug: `shop_dev` is never the project `shop-dev`."""
    names = {service["container_name"] for service in services.values()}
    assert names == {project.slug, f"{project.slug}_dev"}


def test_tmp_leaves_room_for_the_heap(project: BakedProject, services: dict[str, Any]) -> None:
    """A tmpfs is memory: full, beside a full heap of half the limit, it must still be no kill by the kernel."""
    limits = compose_limits(project)
    assert mebibytes(limits["tmp"]) <= mebibytes(limits["memory"]) / 4
    assert services["app"]["tmpfs"].startswith("/tmp:exec,mode=1777,size=")  # noqa: S108


def test_orphans_are_reaped(services: dict[str, Any]) -> None:
    assert services["app"]["init"] is True
    assert services["dev"]["init"] is True


def test_logs_are_bounded(services: dict[str, Any]) -> None:
    for service in services.values():
        assert service["logging"]["driver"] == "json-file"
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}


def test_node_options_are_the_owners(project: BakedProject) -> None:
    """The heap's share stands in the image's command, where an owner's NODE_OPTIONS cannot replace it."""
    assert "NODE_OPTIONS" not in project.read("compose.yaml")
    assert '"--max-old-space-size-percentage=50"' in project.read("Dockerfile")


@pytest.mark.parametrize("service", ["app", "dev"])
def test_one_line_gives_a_place_for_data(project: BakedProject, service: str) -> None:
    """Without the # it is YAML that names a volume which the file declares."""
    volume = {"app": "data", "dev": "dev-data"}[service]
    text = project.read("compose.yaml")
    line = f'    # volumes: ["{volume}:/data"]\n'
    assert text.count(line) == 1
    found = yaml.safe_load(text.replace(line, line.replace("# ", "")))
    assert found["services"][service]["volumes"] == [f"{volume}:/data"]
    assert volume in found["volumes"]
    assert "volumes" not in yaml.safe_load(text)["services"][service]


def test_the_inspector_is_published_on_loopback_only(project: BakedProject, services: dict[str, Any]) -> None:
    """Whoever reaches it runs code: no variable opens it, and the production service has none."""
    published = {name: [str(port) for port in service["ports"]] for name, service in services.items()}
    inspector = [port for port in published["dev"] if port.endswith(":9229")]
    assert len(inspector) == 1
    assert inspector[0].startswith("127.0.0.1:")
    assert [port.rpartition(":")[2] for port in published["app"]] == [project.answers["port"]]


def test_ports_are_published_on_loopback_unless_asked_otherwise(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(str(port).startswith(("${APP_HOST_IP:-127.0.0.1}:", "127.0.0.1:")) for port in service["ports"])


def test_nothing_runs_as_root(project: BakedProject, services: dict[str, Any]) -> None:
    """Neither container: the production image has its user in itself, development the one of its stage."""
    assert services["dev"]["user"] == "node"
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", project.read("Dockerfile"), re.M | re.S))
    for stage in ("dev", "runtime"):
        assert re.findall(r"^USER (.*)$", stages[stage], re.MULTILINE)[-1] == "1000:1000"


def test_the_service_is_hardened(services: dict[str, Any]) -> None:
    app = services["app"]
    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]
    assert app["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in app
    assert "cap_add" not in app


@pytest.fixture(scope="module")
def with_postgres(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """Postgres with the default answers."""
    return bake(tmp_path_factory.mktemp("postgres"), database="postgres")


def test_the_database_is_hardened_bounded_and_the_projects_own(with_postgres: BakedProject) -> None:
    services = yaml.safe_load(with_postgres.read("compose.yaml"))["services"]
    for name, volume in (("database", "database"), ("dev-database", "dev-database")):
        service = services[name]
        assert "ports" not in service
        assert service["user"] == "postgres"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"mem_limit", "pids_limit", "logging", "healthcheck"} <= service.keys()
        assert service["volumes"] == [f"{volume}:/var/lib/postgresql"]
    names = {service["container_name"] for service in services.values()}
    assert len(names) == len(services)
    assert all(name == with_postgres.slug or name.startswith(f"{with_postgres.slug}_") for name in names)


def test_the_health_check_does_not_see_the_server_that_fills_a_new_volume(with_postgres: BakedProject) -> None:
    """That one listens on a socket alone: asked over TCP, the migration never meets it."""
    check = yaml.safe_load(with_postgres.read("compose.yaml"))["services"]["database"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "pg_isready"]
    assert "--host=127.0.0.1" in check


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_schema_is_up_to_date_before_the_service_starts(tmp_path: Path, database: str) -> None:
    """The same image, hardened alike; it publishes nothing and is not started again."""
    services = yaml.safe_load(bake(tmp_path, database=database).read("compose.yaml"))["services"]
    assert services["app"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    migrate, app = services["migrate"], services["app"]
    own = {"container_name", "command", "ports", "depends_on", "healthcheck", "restart"}
    assert {key: migrate.get(key) for key in app.keys() - own} == {key: app[key] for key in app.keys() - own}
    assert (migrate["ports"], migrate["restart"], migrate["command"][-1]) == ([], "no", "src/migrate.js")
    if database == "postgres":
        assert migrate["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_a_database_url_of_the_shell_is_not_obeyed(with_postgres: BakedProject) -> None:
    """It may well be another project's: a migration would change that."""
    assert "${DATABASE_URL" not in with_postgres.read("compose.yaml")
    assert "${APP_DATABASE_URL:-" in with_postgres.read("compose.yaml")


def test_the_major_of_postgres_is_one_everywhere(tmp_path: Path) -> None:
    """The image beside the service, GitLab's service, the one that has a stand-in."""
    project = bake(tmp_path, database="postgres", ci="gitlab")
    [image] = re.findall(r"^FROM (postgres:\d+) AS database$", project.read("Dockerfile"), re.MULTILINE)
    job = yaml.safe_load(project.read(".gitlab-ci.yml"))["test"]
    assert job["services"] == [{"name": image, "alias": "database"}]
    development = yaml.safe_load(project.read("compose.yaml"))["services"]["dev"]["environment"]["DATABASE_URL"]
    assert job["variables"]["DATABASE_URL"] == development.replace("dev-database", "database")
    assert next(iter(databases.known())) == image
