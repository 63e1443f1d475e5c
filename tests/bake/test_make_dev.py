"""When `make dev` builds its image anew, with an engine that only pretends: for whatever Compose Watch cannot bring."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.baking import NEEDS_MAKE, BakedProject, bake
from support.combinations import CHOICES
from support.fakes import Fakes
from support.groups import end
from support.planted import edit_manifest

pytestmark = NEEDS_MAKE

# A healthy engine; its first build lasts until an edit has been made, if there is a file `edit`.
ENGINE = """\
case "$*" in
  version*) echo 26.1.5 ;;
  "compose version"*) echo 2.40.0 ;;
  *Config.Labels*) exit 1 ;;
  build*) if [ -f edit ]; then mv edit src/edited.js; fi ;;
  *" watch "*) exec /bin/sleep 60 ;;
  logs*) echo $$ >> "${0%/*}/followers"; exec /bin/sleep 60 ;;
esac
"""
IMAGE = (
    *("Dockerfile", "compose.yaml", ".env", ".npmrc", "package.json", "package-lock.json"),
    *("patches/a.patch", "packages/shared/package.json", "local/a-1.0.0.tgz", "local/b.tar.gz", "local/c.TAR"),
    *("docker-compose.override.yaml",),
)
UNSURE = 1.0  # seconds; longer than three rounds, in which an edit may be one that Watch has missed
ROUND = 0.1  # seconds, in place of the one between two looks at the files


class Development:
    """A running `make dev`."""

    def __init__(self, project: BakedProject, fakes: Fakes) -> None:
        self.path = project.path
        self.fakes = fakes

    @property
    def builds(self) -> int:
        """How often the image was built."""
        return sum(call.startswith("docker build ") for call in self.fakes.calls)

    def edit(self, name: str) -> None:
        """Add a line to a file, which need not exist."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as text:
            text.write("\n")

    def has_built(self, times: int) -> bool:
        """Whether it has built that often within a while, and not more in the next rounds."""
        deadline = time.monotonic() + 20
        while self.builds < times and time.monotonic() < deadline:
            time.sleep(ROUND)
        time.sleep(4 * ROUND)
        return self.builds == times


@contextmanager
def make_dev(folder: Path, *edit: str, manager: str = "npm") -> Iterator[Development]:
    """Run `make dev` until the body ends; a file `edit` is moved into src/ during the first build."""
    project = bake(folder / "project", package_manager=manager)
    edit_manifest(project, dependencies={"own": "file:./local/own"})
    for name in edit:
        (project.path / name).write_text("// new\n", encoding="utf-8")
    fakes = Fakes(folder / "fakes")
    fakes.program("docker", ENGINE)
    fakes.program("sleep", f"exec /bin/sleep {ROUND}")
    env = {**os.environ, "PATH": fakes.path}
    command = ["make", "dev"]
    with subprocess.Popen(
        command, cwd=project.path, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield Development(project, fakes)
        finally:
            end(process)


def test_an_edit_during_the_build_arrives(tmp_path: Path) -> None:
    with make_dev(tmp_path, "edit") as development:
        assert development.has_built(2)


def test_what_the_image_is_made_of_builds_it_anew(tmp_path: Path) -> None:
    with make_dev(tmp_path) as development:
        assert development.has_built(1)
        time.sleep(UNSURE)
        for number, changed in enumerate(IMAGE, start=2):
            development.edit(changed)
            assert development.has_built(number), changed


def test_a_container_that_is_kept_is_followed_once(tmp_path: Path) -> None:
    """A rebuild may give the same image: then Compose keeps the container, and each line would come twice."""
    with make_dev(tmp_path) as development:
        assert development.has_built(1)
        time.sleep(UNSURE)
        development.edit(".env")
        assert development.has_built(2)
        first, second = (development.fakes.folder / "followers").read_text().split()
        assert not is_running(first)
        assert is_running(second)


def is_running(pid: str) -> bool:
    """Whether a process is there that has not ended."""
    result = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False)
    return result.stdout.strip() not in ("", "Z")


def test_what_watch_brings_builds_nothing(tmp_path: Path) -> None:
    with make_dev(tmp_path) as development:
        assert development.has_built(1)
        time.sleep(UNSURE)
        for changed in ("src/routes.js", "views/page.html", "node_modules/a/package.json", ".git/index"):
            development.edit(changed)
        assert development.has_built(1)


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_a_package_that_is_copied_builds_it_anew(tmp_path: Path, manager: str) -> None:
    """npm links what `file:` names, so that Watch brings its edits; pnpm and yarn copy it."""
    with make_dev(tmp_path, manager=manager) as development:
        assert development.has_built(1)
        time.sleep(UNSURE)
        development.edit("local/own/index.js")
        assert development.has_built(1 if manager == "npm" else 2)
