"""What `make test` says and asks, with an engine that only pretends: whatever fails is named in the last line."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.baking import NEEDS_MAKE, BakedProject, bake
from support.fakes import Fakes

# A healthy engine in which everything passes; the file `broken` holds a pattern of one call that fails with STATUS.
ENGINE = """\
read -r status pattern < broken
case "$*" in $pattern) exit "$status" ;; esac
case "$*" in
  *--iidfile*) file=${*#*--iidfile } && echo sha256:of-an-image > "${file%% *}" ;;
  version*) echo 26.1.5 ;;
  "compose version"*) echo 2.40.0 ;;
  *Config.Labels*) exit 1 ;;
  *" config") echo "$COMPOSE_FILE" > composed && cat config ;;
  *" run --detach "*) cp "${COMPOSE_FILE##*:}" settings && echo id-of-the-app ;;
  *Config.Env*) cat environment ;;
  "ps --all"*) ;;
  ps*) echo id-of-a-left-over ;;
  *State.Health.Log*) printf '%s\\n\\n' '/readyz: refused' '/readyz: 404' ;;
  *State.Status*) cat state ;;
  logs*) echo "the log of the app" ;;
esac
"""
# What Compose makes of a service in the network of another project.
CONFIG = """\
name: node-multi-stage-app
services:
  app:
    networks:
      default: null
      other: null
  db:
    image: db
networks:
  default:
    name: node-multi-stage-app_default
  other:
    name: ledger_default
    external: true
volumes:
  data:
    name: node-multi-stage-app_data
"""
NEVER = "0 -"
# The files that Compose adds to compose.yaml: the first of them that is there.
OVERRIDES = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)


class Run:
    """A `make test` that has ended."""

    def __init__(
        self,
        folder: Path,
        *,
        engine: str = ENGINE,
        broken: str = NEVER,
        state: str = "running healthy",
        environment: str = "",
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Bake, add files, break one call of the engine (`STATUS PATTERN`), and run it."""
        self.project: BakedProject = bake(folder / "project")
        for name, text in (files or {}).items():
            (self.project.path / name).write_text(text, encoding="utf-8")
        self.fakes = Fakes(folder / "fakes", "sleep")
        self.fakes.program("docker", engine)
        (self.project.path / "broken").write_text(f"{broken}\n")
        (self.project.path / "state").write_text(f"{state}\n")
        (self.project.path / "environment").write_text(environment)
        (self.project.path / "config").write_text(CONFIG)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        variables = {"PATH": self.fakes.path, "TMPDIR": str(self.temporary)}
        self.result: subprocess.CompletedProcess[str] = self.project.make("test", **variables)

    @property
    def last_line(self) -> str:
        """What a person reads: the last line, without make's own."""
        printed = self.result.stdout + self.result.stderr
        return [line for line in printed.splitlines() if not line.startswith("make")][-1]

    def asked(self, *parts: str) -> list[str]:
        """Return the calls of the engine that have all these parts, in order."""
        return [call for call in self.fakes.calls if all(part in call for part in parts)]


@NEEDS_MAKE
def test_it_passes_when_all_of_it_does(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.result.returncode == 0, run.result.stderr
    assert run.last_line.startswith("passed: ")
    steps = ("node --run lint", "node --run test", "--input-type=module", "curl")
    order = [
        next(step for step in steps if step in call) for call in run.asked(" run ") if any(s in call for s in steps)
    ]
    assert list(dict.fromkeys(order)) == list(steps)
    assert order.count("--input-type=module") == 2, "in the test image and in the production image"


@NEEDS_MAKE
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("1 *node --run lint", "failed: lint (make format corrects what is only style)"),
        ("1 *node --run test", "failed: test"),
        ("124 *node --run lint", "failed: lint does not end within 15 minutes"),
        ("124 *node --run test", "failed: test does not end within 15 minutes"),
        ("1 * run --detach *", "failed: the production image does not start"),
        ("1 *--read-only --tmpfs*", "failed: the production image lacks what is named above"),
        ("22 *curl*", "failed: the production image is not ready: http://app:3000/readyz does not answer 200"),
    ],
)
def test_what_fails_is_named(tmp_path: Path, broken: str, said: str) -> None:
    run = Run(tmp_path, broken=broken)
    assert run.result.returncode != 0
    assert run.last_line == said


@NEEDS_MAKE
@pytest.mark.parametrize("broken", [NEVER, "1 build*--target?test*", "1 build*--iidfile*/production*", "1 *--run?lint"])
def test_it_leaves_no_temporary_folder(tmp_path: Path, broken: str) -> None:
    run = Run(tmp_path, broken=broken)
    assert (run.result.returncode == 0) is (broken == NEVER)
    assert list(run.temporary.iterdir()) == []


@NEEDS_MAKE
def test_only_a_path_is_asked(tmp_path: Path) -> None:
    """Without a path, the image's health check has seen that the port accepts connections."""
    asked = Run(tmp_path / "own", environment="A=b\nHEALTHCHECK_PATH=/up\n").asked("curl")
    assert [call.split()[-1] for call in asked] == ["http://app:3000/up"]
    without = Run(tmp_path / "none", environment="HEALTHCHECK_PATH=\n")
    assert without.result.returncode == 0
    assert without.asked("curl") == []


@NEEDS_MAKE
def test_it_shares_no_port_name_volume_or_network_with_others(tmp_path: Path) -> None:
    run = Run(tmp_path)
    settings = run.project.read("settings").splitlines()
    assert settings[:3] == [
        "services:",
        *(f"  {name}: {{ ports: !reset [], container_name: !reset null }}" for name in ("app", "db")),
    ]
    name = r"node-multi-stage-app_test_\d+"
    lines = [re.sub(name, "THIS_RUN", line) for line in settings[3:]]
    assert lines == [
        "networks:",
        "  default: { name: THIS_RUN_default, external: !reset false }",
        "  other: { name: THIS_RUN_other, external: !reset false }",
        "volumes:",
        "  data: { name: THIS_RUN_data, external: !reset false }",
    ]


@NEEDS_MAKE
@pytest.mark.parametrize("first", range(len(OVERRIDES) + 1))
def test_the_file_that_compose_would_add_is_added(tmp_path: Path, first: int) -> None:
    run = Run(tmp_path, files=dict.fromkeys(OVERRIDES[first:], "services: {}\n"))
    assert run.result.returncode == 0, run.result.stderr
    assert run.project.read("composed").strip() == ":".join(["compose.yaml", *OVERRIDES[first : first + 1]])


@NEEDS_MAKE
def test_an_example_that_would_not_arrive_as_written_is_refused(tmp_path: Path) -> None:
    run = Run(tmp_path, files={".env.example": "A=x\nB=pa$word\n"})
    assert run.result.returncode != 0
    assert run.last_line.startswith(".env.example:2: B: Compose would replace the $")
    assert run.asked("docker run") == []


@NEEDS_MAKE
def test_files_that_compose_refuses_are_not_tested(tmp_path: Path) -> None:
    run = Run(tmp_path, broken="15 compose*config")
    assert run.result.returncode != 0
    assert run.asked("run --rm") == run.asked("run --detach") == []


@NEEDS_MAKE
def test_it_tests_what_it_built(tmp_path: Path) -> None:
    """By id: another checkout may build under the same tags meanwhile."""
    run = Run(tmp_path)
    builds = [call for call in run.asked("docker build") if "--iidfile" in call]
    assert len(builds) == 2
    assert run.asked("docker tag sha256:of-an-image")
    assert len(run.asked("run --rm", "sha256:of-an-image")) >= 3


@NEEDS_MAKE
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("running unhealthy", "/readyz: 404"),
        ("exited unhealthy", "it is exited unhealthy"),
        ("exited", "it is exited"),
    ],
)
def test_an_image_that_does_not_become_healthy_shows_its_log(tmp_path: Path, state: str, reason: str) -> None:
    """And the last words of its health check, while it runs."""
    run = Run(tmp_path, state=state)
    assert run.result.returncode != 0
    assert run.last_line == f"failed: the production image is not ready: {reason}"
    assert "the log of the app" in run.result.stdout


@NEEDS_MAKE
@pytest.mark.parametrize("broken", [NEVER, "1 *lint*", "22 *curl*"])
def test_nothing_is_left_and_nothing_published(tmp_path: Path, broken: str) -> None:
    """Whether it passed or failed; and what runs beside it, under another project, is not touched."""
    run = Run(tmp_path, broken=broken)
    [down] = run.asked("compose", " down ")
    assert "--volumes" in down
    assert "--project-name node-multi-stage-app_test_" in down
    assert run.asked("rm --force", "id-of-a-left-over")
    [tag] = run.asked("docker tag ")
    assert run.asked("docker rmi ")[-1].split()[-1] == tag.split()[-1]
    assert not run.asked("--publish")
    assert not run.asked("--service-ports")


@NEEDS_MAKE
def test_ctrl_c_at_its_first_step_leaves_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, engine=f'case "$*" in "tag "*) kill -INT "$PPID" ;; esac\n{ENGINE}')
    assert run.result.returncode != 0
    [tag] = run.asked("docker tag ")
    assert run.asked("docker rmi ")[-1].split()[-1] == tag.split()[-1]
