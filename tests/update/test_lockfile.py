"""`node-multi-stage lockfile`: what a change of the lockfile brings, for each package manager's own format."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from locks import LOCKFILES
from loopback import free_port
from node_multi_stage.cli import main
from support.baking import bake, git_repository
from support.combinations import CHOICES
from support.commands import Ended
from support.lockfile_changes import CHANGED, COMMIT, ELSEWHERE, OTHER, REPOSITORY, npm_lock
from support.registries import Registries, Release, listening, served
from support.updates import git

HOUR, DAY = 1 / 24, 1
SCRIPT = {"scripts": {"postinstall": "node build.js"}}
REGISTRY = Registries(
    npm={
        "express": [Release("5.3.0", 40)],
        "pino": [Release("10.4.0", 3 * HOUR)],
        "scripted": [Release("2.0.0", 3 * 365, SCRIPT), Release("1.0.0", 4 * 365)],
        "bytes": [Release("3.1.2", 1.5, {"hasInstallScript": True})],
    }
)


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    """The address of a registry that knows some of the packages."""
    with served(REGISTRY) as address:
        yield f"{address}/npm"


@pytest.fixture(autouse=True)
def users_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: str) -> Path:
    """The user's npm configuration, which names that registry."""
    path = tmp_path / "npmrc"
    path.write_text(f"registry = {registry}/\n", encoding="utf-8")
    monkeypatch.setenv("NPMRC", str(path))
    return path


def project_of(folder: Path, manager: str) -> Path:
    """Return a committed project without production dependencies."""
    return git_repository(bake(folder / "http", package_manager=manager, framework="http").path)


def lock_express(project: Path, manager: str) -> None:
    """Put the lockfile of a project with express there, as the package manager wrote it."""
    other = bake(project.parent.parent / f"express-{manager}", package_manager=manager).path / LOCKFILES[manager]
    shutil.copy(other, project / LOCKFILES[manager])


def lockfile(project: Path, *options: str) -> Ended:
    """Run the command in this process."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        status = main(["lockfile", str(project), *options])
    return Ended(status, printed.getvalue())


def rows(ended: Ended) -> dict[str, list[str]]:
    """Return mark and kind of each change, then its remarks, by package."""
    assert ended.status == 0, ended.output
    found = {}
    for line in ended.output.splitlines()[1:]:
        changed, _, remarks = line[11:].partition("  ")
        found[changed.strip()] = [line[:10].strip(), *remarks.strip().split(", ")]
    return found


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_what_came_and_what_went(tmp_path: Path, manager: str) -> None:
    project = project_of(tmp_path, manager)
    assert lockfile(project).output == f"{LOCKFILES[manager]} since HEAD: nothing changed\n"
    lock_express(project, manager)
    ended = lockfile(project)
    assert ended.output.splitlines()[0].startswith(f"{LOCKFILES[manager]} since HEAD: 8")
    found = rows(ended)
    scripts = [] if manager == "npm" else ["script unknown"]
    assert found["express 5.3.0"] == ["added", "40 days old"]
    assert found["pino 10.4.0"] == ["! added", "3 hours old"]
    assert found["bytes 3.1.2"] == ["! added", "36 hours old", "install script"]
    assert found["accepts 2.0.0"] == ["added", "age unknown", *scripts]
    git_repository(project, "express")
    git(project, "checkout", "--quiet", "HEAD~1", "--", LOCKFILES[manager])
    assert rows(lockfile(project))["express 5.3.0"] == ["removed", ""]


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_origins_contents_and_scripts(tmp_path: Path, manager: str) -> None:
    project = project_of(tmp_path, manager)
    before, after = CHANGED[manager]
    (project / LOCKFILES[manager]).write_text(before, encoding="utf-8")
    git_repository(project, "before")
    (project / LOCKFILES[manager]).write_text(after, encoding="utf-8")
    found = {name.split()[0]: row for name, row in rows(lockfile(project)).items()}
    commit = f"commit={COMMIT}" if manager == "yarn" else COMMIT
    unknown = ["age unknown", *([] if manager == "npm" else ["script unknown"])]
    assert found == {
        "content": ["! changed", *unknown, "other content than before"],
        "left": ["! changed", *unknown, f"from {ELSEWHERE}"],
        "other": ["! changed", *unknown, f"from {OTHER}"],
        "right": ["! changed", *unknown, f"from {REPOSITORY}#{commit}"],
        "scripted": ["! changed", "3 years old", "install script"],
    }


def test_a_branch_is_compared_with_where_it_began(tmp_path: Path) -> None:
    """What the other branch has locked since then is not this one's."""
    project = project_of(tmp_path, "npm")
    git(project, "branch", "--move", "main")
    git(project, "branch", "idea")
    lock_express(project, "npm")
    git_repository(project, "express")
    git(project, "checkout", "--quiet", "idea")
    assert lockfile(project, "--since", "main").output == "package-lock.json since main: nothing changed\n"


def test_another_package_manager_s_lockfile_counts(tmp_path: Path) -> None:
    project = project_of(tmp_path, "npm")
    lock_express(project, "npm")
    git_repository(project, "express")
    (project / "package-lock.json").unlink()
    lock_express(project, "yarn")
    assert rows(lockfile(project)) == {}


def test_without_network_or_registry(tmp_path: Path, users_configuration: Path) -> None:
    project = project_of(tmp_path, "yarn")
    lock_express(project, "yarn")
    offline = lockfile(project, "--offline")
    assert rows(offline)["express 5.3.0"] == ["added", "age unknown", "script unknown"]
    users_configuration.write_text(f"registry=http://127.0.0.1:{free_port()}\n", encoding="utf-8")
    *same, why = lockfile(project).output.splitlines()
    assert same == offline.output.splitlines()
    assert why.endswith("Connection refused")
    users_configuration.write_text("registry=file:///\n", encoding="utf-8")
    assert lockfile(project).output == offline.output


@contextmanager
def failing(*statuses: int) -> Iterator[str]:
    """Answer with these statuses, one after the other and the last for ever; 200 comes with what REGISTRY knows."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Response of the next status."""
            status = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.end_headers()
            if status == 200:
                self.wfile.write(json.dumps(REGISTRY.npm_package(self.path.lstrip("/"))).encode())

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with listening(Handler) as address:
        yield address


def change_express(project: Path) -> None:
    """Have a lockfile with one package that REGISTRY knows."""
    text = npm_lock(express={"version": "5.3.0"})
    (project / "package-lock.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("status", [401, 429, 503])
def test_what_a_registry_refuses_is_told(tmp_path: Path, users_configuration: Path, status: int) -> None:
    """Once for all packages, and not as one that the registry does not know."""
    project = project_of(tmp_path, "npm")
    change_express(project)
    with failing(status) as address:
        users_configuration.write_text(f"registry={address}\n", encoding="utf-8")
        ended = lockfile(project)
    assert rows(ended)["express 5.3.0"] == ["added", "age unknown"]
    host = address.removeprefix("http://")
    assert ended.output.splitlines()[-1] == f"{host} says nothing about some packages: HTTP {status}"


def test_a_second_attempt_that_succeeds_is_no_failure(tmp_path: Path, users_configuration: Path) -> None:
    project = project_of(tmp_path, "npm")
    change_express(project)
    with failing(503, 200) as address:
        users_configuration.write_text(f"registry={address}\n", encoding="utf-8")
        ended = lockfile(project)
    assert rows(ended)["express 5.3.0"] == ["added", "40 days old"]
    assert "says nothing" not in ended.output


@contextmanager
def asked(headers: list[tuple[str, str]], location: str = "") -> Iterator[str]:
    """Serve no package, or redirect to `location`; note path and Authorization of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Response 404, or 302."""
            headers.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(302 if location else 404)
            if location:
                self.send_header("Location", location + self.path)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with listening(Handler) as address:
        yield address.removeprefix("http://")


def test_a_login_goes_where_the_user_says_alone(tmp_path: Path, users_configuration: Path) -> None:
    """Neither to another registry, nor where a redirection leads, nor where the project's own file says."""
    project = project_of(tmp_path, "npm")
    (project / "package-lock.json").write_text(npm_lock(**{"@team/a": {"version": "1.0.0"}, "b": {"version": "1.0.0"}}))
    seen: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    with asked(others) as other, asked(seen, location=f"http://{other}") as team:
        own = f"@team:registry=http://{team}/npm/\n//{team}/:_authToken=the-token\nregistry=http://{other}/\n"
        users_configuration.write_text(own, encoding="utf-8")
        (project / ".npmrc").write_text(f"//{other}/:_authToken=${{HOME}}\n", encoding="utf-8")
        rows(lockfile(project))
    assert seen == [("/npm/@team%2Fa", "Bearer the-token")]
    assert sorted(others) == [("/b", ""), ("/npm/@team%2Fa", "")]


def test_a_hostile_lockfile_reaches_no_terminal(tmp_path: Path) -> None:
    project = project_of(tmp_path, "npm")
    evil = npm_lock(x={"version": "1.0.0", "resolved": "git+ssh://\x1b[2J\r  added  fine 1.0.0"})
    (project / "package-lock.json").write_text(evil, encoding="utf-8")
    output = lockfile(project, "--offline").output
    assert [line for line in output.splitlines() if not line.isprintable()] == []
    assert "from git+ssh://?[2J?  added  fine 1.0.0" in output


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("{", (), "package-lock.json cannot be read: "),
        ('{"packages": []}', (), "package-lock.json cannot be read: "),
        (None, (), " has no lockfile"),
        ("{}", ("--since", "nowhere"), "nowhere: git knows no such commit, branch or tag here"),
        ("{}", ("--since=--output=x",), "--output=x: git knows no such commit, branch or tag here"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: str | None, options: tuple[str, ...], said: str) -> None:
    project = project_of(tmp_path, "npm")
    (project / "package-lock.json").unlink()
    if content is not None:
        (project / "package-lock.json").write_text(content, encoding="utf-8")
    ended = lockfile(project, *options)
    assert ended.status == 2
    assert said in ended.output
    assert "Nothing was changed" not in ended.output
    assert len(ended.output.splitlines()) == 1


def test_yarn_1_is_refused(tmp_path: Path) -> None:
    project = project_of(tmp_path, "yarn")
    (project / "yarn.lock").write_text('ms@2.1.3:\n  version "2.1.3"\n', encoding="utf-8")
    ended = lockfile(project)
    assert (ended.status, ended.output.count("\n")) == (2, 1)
