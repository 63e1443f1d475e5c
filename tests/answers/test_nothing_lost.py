"""Whatever stops a bake, no work is lost, and a second run works."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from baking import BIN, ROOT, bake, bake_by_command, copy_of_template, private_environment, run, tree

SLUG = "node-multi-stage-app"
PROJECT = "{{cookiecutter.project_slug}}"
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such thing")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return a baked project with work in it: a changed file, a new one, a deleted one."""
    project = bake(tmp_path / "out").path
    (project / "README.md").write_text("my own words\n")
    (project / "src" / "mine.js").write_text("// my own code\n")
    (project / "LICENSE").unlink()
    return project


def assert_second_run_works(out: Path) -> None:
    """Bake into the same place and compare with a bake elsewhere."""
    assert bake_by_command(out).returncode == 0
    assert tree(out / SLUG) == tree(bake(out.parent / "reference").path)


def test_an_existing_folder_is_refused_and_unchanged(mine: Path) -> None:
    """One line that names the folder."""
    before = tree(mine)
    result = bake_by_command(mine.parent)
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout == f'Error: "{mine}" directory already exists\n'
    assert tree(mine) == before


def test_an_existing_file_of_that_name_is_refused_and_unchanged(tmp_path: Path) -> None:
    """The same for what is no folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / SLUG).write_text("mine")
    assert bake_by_command(tmp_path / "out").returncode == 1
    assert (tmp_path / "out" / SLUG).read_text() == "mine"


def test_overwriting_restores_the_template_s_files_and_touches_no_others(mine: Path) -> None:
    """-f: what the README says it does."""
    assert bake_by_command(mine.parent, "--overwrite-if-exists").returncode == 0
    assert (mine / "src" / "mine.js").read_text() == "// my own code\n"
    (mine / "src" / "mine.js").unlink()
    assert tree(mine) == tree(bake(mine.parent.parent / "reference").path)


def test_overwriting_may_skip_what_is_there(mine: Path) -> None:
    """-f -s: only what is missing is written."""
    before = tree(mine)
    assert bake_by_command(mine.parent, "--overwrite-if-exists", "--skip-if-file-exists").returncode == 0
    after = tree(mine)
    assert after.keys() - before.keys() == {"LICENSE"}
    assert {name: entry for name, entry in after.items() if name in before} == before


@POSIX_ONLY
@pytest.mark.parametrize("when", ["asking", "in the hook"])
def test_an_interrupted_bake_says_so_and_a_second_run_works(when: str, tmp_path: Path) -> None:
    """Ctrl-C at a question leaves nothing; Ctrl-C in the hook leaves a project that is complete."""
    out, home = tmp_path / "out", tmp_path / "home"
    slow = tmp_path / "bin" / "docker"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/reached\nexec sleep 60\n")
    slow.chmod(0o755)
    arguments = [BIN / "cookiecutter", str(ROOT), "-o", str(out), *(["--no-input"] if when != "asking" else [])]
    environment = private_environment(home, PATH=f"{slow.parent}:{os.environ['PATH']}", PYTHONUNBUFFERED="1")
    bake_process = subprocess.Popen(
        arguments,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert bake_process.stdout
    if when == "asking":
        assert b"[1/13]" in bake_process.stdout.readline()
    else:
        deadline = time.monotonic() + 20
        while not (tmp_path / "reached").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    # As a terminal does it: to the whole group.
    os.killpg(bake_process.pid, signal.SIGINT)
    output = bake_process.communicate(timeout=20)[0].decode()
    assert bake_process.returncode != 0
    if when == "asking":
        assert output.endswith("Aborted!\n")
        assert not out.exists()
        assert_second_run_works(out)
    else:
        assert tree(out / SLUG) == tree(bake(tmp_path / "reference").path)


@POSIX_ONLY
def test_a_read_only_parent_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Root may write there, so root becomes an ordinary user for this test."""
    (out := tmp_path / "out").mkdir()
    out.chmod(0o555)
    arguments = ("--no-input", "--accept-hooks", "no", "-o", out, ROOT)
    if os.geteuid() == 0:
        result = as_ordinary_user(tmp_path, *arguments)
    else:
        result = run("cookiecutter", *arguments, cwd=tmp_path, home=tmp_path / "home")
    assert result.returncode != 0
    assert f"Unable to create directory at {out / SLUG}" in result.stderr
    assert list(out.iterdir()) == []
    out.chmod(0o755)
    assert_second_run_works(out)
