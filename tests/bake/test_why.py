"""Why a container ended, as scripts/why.sh reads it from the engine, with an engine that only pretends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.baking import bake
from support.fakes import Fakes

# A container that was started again. Its name was that of another one before, which SIGTERM ended; it ended itself with
# 7 within this second.
ENGINE = """\
case "$*" in
  ps*) echo an-app ;;
  *State.Status*) echo running 0 false 1073741824 1 healthy ;;
  inspect*Id*) echo id-of-this-one ;;
  events*)
    case "$*" in *"container=id-of-this-one "*) ;; *) echo die 143; exit ;; esac
    until=${*#*--until }
    [ "${until%% *}" -le "$(date +%s)" ] || echo die 7 ;;
esac
"""


def test_the_last_end_of_a_container_that_runs_again(tmp_path: Path) -> None:
    project = bake(tmp_path / "project")
    fakes = Fakes(tmp_path / "fakes")
    fakes.program("docker", ENGINE)
    environment = {**os.environ, "PATH": fakes.path}
    command = ["sh", "scripts/why.sh"]
    result = subprocess.run(command, cwd=project.path, env=environment, capture_output=True, text=True, check=False)
    assert result.stdout == "an-app was restarted (1); before that it had ended: exit code 7\n", result.stderr
