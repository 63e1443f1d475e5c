"""Why a container ended, as scripts/why.sh reads it from the engine, with an engine that only pretends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.baking import SLUG, bake
from support.fakes import Fakes

# A container that was started again. Its name was that of another one before, which SIGTERM ended; it ended itself with
# 7 within this second.
ENGINE = """\
case "$*" in
  ps*) echo an-app ;;
  *State.Status*) echo running 0 false 1073741824 1 unless-stopped healthy ;;
  inspect*Id*) echo id-of-this-one ;;
  events*)
    case "$*" in *"container=id-of-this-one "*) ;; *) echo die 143; exit ;; esac
    until=${*#*--until }
    [ "${until%% *}" -le "$(date +%s)" ] || echo die 7 ;;
esac
"""


def explained(folder: Path, engine: str) -> str:
    """Return what the script says of the containers of an engine that pretends."""
    project = bake(folder / "project")
    fakes = Fakes(folder / "fakes")
    fakes.program("docker", engine)
    environment = {**os.environ, "PATH": fakes.path}
    command = ["sh", "scripts/why.sh"]
    result = subprocess.run(command, cwd=project.path, env=environment, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    return result.stdout


def test_the_last_end_of_a_container_that_runs_again(tmp_path: Path) -> None:
    expected = "an-app was restarted (1); before that it had ended: exit code 7\n"
    assert explained(tmp_path, ENGINE) == expected


@pytest.mark.parametrize(
    ("name", "state", "expected"),
    [
        ("a-job", "exited 0 false 0 0 no", ""),
        ("a-job", "exited 1 false 0 0 no", "a-job ended: exit code 1\n"),
        ("a-worker", "exited 0 false 0 0 on-failure", "a-worker ended: exit code 0\n"),
        (SLUG, "exited 0 false 0 0 no", f"{SLUG} ended: exit code 0\n"),
    ],
)
def test_what_runs_once_and_succeeds_has_no_explanation(tmp_path: Path, name: str, state: str, expected: str) -> None:
    engine = f"""case "$*" in ps*) echo {name} ;; *State.Status*) echo {state} ;; esac"""
    assert explained(tmp_path, engine) == expected
