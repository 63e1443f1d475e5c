"""`make doctor` with fakes on PATH: each usual reason for a failing build is one line that says what to do."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopback import free_port
from support.baking import BakedProject, bake

# A healthy engine: what the doctor asks, and what it is told.
DOCKER = """\
case "$*" in
  version) echo "Client: ABOUT Engine";;
  version*) echo ENGINE;;
  "compose version"*) echo COMPOSE;;
  "buildx version") exit BUILDX;;
  "ps --all"*) ;;
  ps*) echo PS;;
esac
"""
HEALTHY = {"ABOUT": "Docker", "ENGINE": "26.1.5", "COMPOSE": "2.24.0", "BUILDX": "0", "PS": ""}
LINE = re.compile(r"  (ok|warning|PROBLEM) +(\S.*)")


class Doctor:
    """A project and a folder of fake programs that come first on PATH."""

    def __init__(self, project: BakedProject, folder: Path) -> None:
        """Take an empty folder; every fake is healthy at first, and no port is taken."""
        self.project, self.folder = project, folder
        self.fake_docker()
        # What hangs is given up soon, so that the test is quick.
        self.fake("timeout", 'shift; exec /usr/bin/timeout 0.5 "$@"')
        self.fake_disk(50_000)
        self.port = str(free_port())

    def fake(self, name: str, script: str) -> None:
        """Put a shell script on PATH."""
        (self.folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.folder / name).chmod(0o755)

    def fake_docker(self, **answers: str) -> None:
        """Put a docker on PATH that answers like a healthy one but for these."""
        script = DOCKER
        for key, value in {**HEALTHY, **answers}.items():
            script = script.replace(key, value)
        self.fake("docker", script)

    def fake_disk(self, free: int) -> None:
        """Put a df on PATH that reports so many free MiB."""
        self.fake("df", f"echo Header\necho /dev/x 1 1 {free * 1024} 1% /")

    def says(self, **environment: str) -> tuple[int, dict[str, list[str]]]:
        """Run `make doctor`; return its status and its lines by kind. Every line must have a kind.

        PORT and ENV_FILE count on make's command line only.
        """
        given = {"PORT": self.port, **environment}
        options = [f"{name}={given.pop(name)}" for name in ("PORT", "ENV_FILE") if name in given]
        kept = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and k != "NODE_EXTRA_CA_CERTS"}
        path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        result = subprocess.run(
            ["make", "doctor", *options],
            cwd=self.project.path,
            env={**kept, "PATH": path, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            # An engine that hangs is given up; a doctor that waits for it fails the test.
            timeout=20,
        )
        found: dict[str, list[str]] = {"ok": [], "warning": [], "PROBLEM": []}
        for line in result.stdout.splitlines():
            if not line.startswith("make: ***"):
                match = LINE.fullmatch(line)
                assert match is not None, line
                found[match[1]].append(match[2])
        return result.returncode, found


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers, for every test here."""
    return bake(tmp_path_factory.mktemp("doctor"))


@pytest.fixture
def doctor(baked: BakedProject, tmp_path: Path) -> Doctor:
    """A doctor that finds everything healthy."""
    return Doctor(baked, tmp_path)


def one_problem(doctor: Doctor, **environment: str) -> str:
    """Return the only problem that the doctor sees; it must fail because of it, and warn of nothing."""
    status, found = doctor.says(**environment)
    assert status != 0
    assert (len(found["PROBLEM"]), found["warning"]) == (1, []), found
    return found["PROBLEM"][0]


def test_all_is_well(doctor: Doctor) -> None:
    status, found = doctor.says()
    assert (status, found["warning"], found["PROBLEM"]) == (0, [], [])
    assert len(found["ok"]) >= 6


def test_engine_is_missing(doctor: Doctor) -> None:
    status, found = doctor.says(DOCKER="no-such-docker")
    assert status != 0
    assert any("Docker Engine" in line and "install" in line for line in found["PROBLEM"])


@pytest.mark.parametrize("script", ["sleep 60", "echo 'Cannot connect to the Docker daemon' >&2; exit 1"])
def test_engine_does_not_answer(doctor: Doctor, script: str) -> None:
    doctor.fake("docker", script)
    status, found = doctor.says()
    assert status != 0
    assert any("does not answer" in line and "DOCKER_HOST" in line for line in found["PROBLEM"])


@pytest.mark.parametrize("version", ["20.10.24+dfsg1", "24.0.9", "19.03"])
def test_engine_is_too_old(doctor: Doctor, version: str) -> None:
    doctor.fake_docker(ENGINE=version)
    assert one_problem(doctor) == f"Docker Engine {version} is too old: update to 25 or newer"


def test_docker_is_podman(doctor: Doctor) -> None:
    """As with Debian's package podman-docker; make gives podman a checksum, without which its cache is stale."""
    doctor.fake_docker(ENGINE="5.4.2", ABOUT="Podman")
    assert one_problem(doctor) == ("the command docker is podman here, which make must know: export DOCKER=podman")


@pytest.mark.parametrize("version", ["25.0.0", "25.0.0-rc.1", "100.0.1", "29.1"])
def test_engine_is_new_enough(doctor: Doctor, version: str) -> None:
    doctor.fake_docker(ENGINE=version)
    assert doctor.says()[0] == 0


def test_buildx_is_missing(doctor: Doctor) -> None:
    doctor.fake_docker(BUILDX="1")
    assert "install the buildx plugin" in one_problem(doctor)


@pytest.mark.parametrize("version", ["2.23.3", "v2.9.0", "1.29.2"])
def test_compose_is_too_old(doctor: Doctor, version: str) -> None:
    doctor.fake_docker(COMPOSE=version)
    assert one_problem(doctor) == f"Compose {version.removeprefix('v')} is too old: update to 2.24 or newer"


def test_compose_is_missing(doctor: Doctor) -> None:
    doctor.fake_docker(COMPOSE="")
    assert "Compose" in one_problem(doctor)


def test_disk_is_full(doctor: Doctor) -> None:
    doctor.fake_disk(700)
    status, found = doctor.says()
    assert (status, found["PROBLEM"]) == (0, [])
    assert found["warning"] == ["only 700 MB free here: a first build takes about 3 GB"]


@pytest.fixture
def busy(doctor: Doctor) -> Iterator[Doctor]:
    """A doctor whose port another program listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        doctor.port = str(server.getsockname()[1])
        yield doctor


def test_port_is_busy(busy: Doctor) -> None:
    assert one_problem(busy) == f"port {busy.port} is busy: make run PORT={int(busy.port) + 1}"


def test_the_port_of_the_environment_file_is_looked_at(busy: Doctor, tmp_path: Path) -> None:
    """As Compose takes it, quoted or not; the shell's own value goes first."""
    taken, busy.port = busy.port, ""
    for line in (
        f"APP_PORT={taken}",
        f'export APP_PORT="{taken}"',
        f"APP_PORT='{taken}'",
        f"\texport\tAPP_PORT={taken}",
    ):
        (tmp_path / "own.env").write_text(f"A=1\nAPP_PORT=1\n{line}\n", encoding="utf-8")
        assert one_problem(busy, ENV_FILE=str(tmp_path / "own.env")).startswith(f"port {taken} is busy")
    # As an editor on Windows leaves it, which Compose takes, too.
    for text in (f"APP_PORT={taken}\r\nA=1\r\n", f"\ufeffAPP_PORT={taken}\n"):
        (tmp_path / "own.env").write_bytes(text.encode())
        assert one_problem(busy, ENV_FILE=str(tmp_path / "own.env")).startswith(f"port {taken} is busy")
    assert busy.says(ENV_FILE=str(tmp_path / "own.env"), APP_PORT="1")[0] == 0


def test_port_is_this_projects_own(busy: Doctor) -> None:
    busy.fake_docker(PS="0123456789ab")
    assert busy.says()[0] == 0


def test_port_of_this_projects_dev_service_is_its_own(busy: Doctor) -> None:
    asked = f"ps --quiet --filter name=^{busy.project.slug}(_dev)?$ --filter publish={busy.port}"
    script = DOCKER.replace("ENGINE", "26.1.5").replace("COMPOSE", "2.24.0").replace("BUILDX", "0")
    busy.fake("docker", script.replace("ps*) echo PS", f"'{asked}') echo 0123456789ab"))
    assert busy.says()[0] == 0


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("PORT", "abc", "PORT must be a number"),
        ("PORT", "3000/udp", "PORT must be a number"),
        ("MIRROR", "https://registry.example.com/hub", "MIRROR must be like registry.example.com/hub"),
        ("MIRROR", "a name", "MIRROR must be like registry.example.com/hub"),
    ],
)
def test_a_value_is_refused_before_anything_is_built(
    baked: BakedProject, doctor: Doctor, variable: str, value: str, rule: str
) -> None:
    path = f"{doctor.folder}{os.pathsep}{os.environ['PATH']}"
    result = baked.make("build", PATH=path, **{variable: value})
    assert result.returncode != 0
    assert result.stderr.splitlines()[0] == f"  PROBLEM  {rule}: {value}"


def test_podman_builds_without_compose(doctor: Doctor) -> None:
    doctor.fake("podman", 'case "$1" in version) echo 5.4.2;; build) echo built;; *) exit 1;; esac')
    path = f"{doctor.folder}{os.pathsep}{os.environ['PATH']}"
    result = doctor.project.make("build", PATH=path, DOCKER="podman")
    assert (result.returncode, result.stdout) == (0, "built\n"), result.stderr


@pytest.mark.parametrize("variable", ["NODE_EXTRA_CA_CERTS", "NPMRC", "ENV_FILE"])
def test_file_is_missing(doctor: Doctor, tmp_path: Path, variable: str) -> None:
    assert one_problem(doctor, **{variable: "/no/such"}) == f"{variable} names no file: /no/such"
    assert one_problem(doctor, **{variable: str(tmp_path)}) == f"{variable} names no file: {tmp_path}"
    status, found = doctor.says(**{variable: "/etc/hostname"})
    assert status == 0
    assert variable == "ENV_FILE" or f"{variable} is /etc/hostname" in found["ok"]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"])
def test_proxy_is_set_in_one_case_only(doctor: Doctor, name: str) -> None:
    for variable in (name, name.lower()):
        status, found = doctor.says(**{variable: "http://proxy.example:3128"})
        assert (status, found["PROBLEM"]) == (0, [])
        assert [line.split()[0] for line in found["warning"]] == [name]
    both = dict.fromkeys((name, name.lower()), "http://proxy.example:3128")
    assert doctor.says(**both)[1]["warning"] == []


@pytest.mark.parametrize("variable", ["NODE_EXTRA_CA_CERTS", "NPMRC"])
@pytest.mark.parametrize("path", ["Makefile", "./Makefile", "../ca.pem", "~/.npmrc"])
def test_a_relative_path_is_refused(doctor: Doctor, variable: str, path: str) -> None:
    """BuildKit would look for it in another folder than the tools inside a container."""
    assert one_problem(doctor, **{variable: path}) == f"{variable} must be an absolute path: {path}"
