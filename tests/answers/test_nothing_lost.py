"""Whatever stops a bake, no work is lost, and a second run works."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.baking import (
    BIN,
    PROJECT,
    ROOT,
    SLUG,
    bake,
    bake_by_command,
    copy_of_template,
    not_on_windows,
    private_environment,
    run,
    tree,
)
from support.groups import end, kill

POSIX_ONLY = not_on_windows("such signals, limits and permissions")


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
    """-f: what docs/answers.md says it does."""
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


@contextmanager
def started(*arguments: str | Path, home: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have cookiecutter run in a process group of its own, as in a shell; what is left of it is killed at the end."""
    with subprocess.Popen(
        [BIN / "cookiecutter", *map(str, arguments)],
        env=private_environment(home, **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            kill(process)


def press_ctrl_c(process: subprocess.Popen[bytes]) -> str:
    """Send SIGINT to the whole group, as a terminal does; return the output of a process that failed."""
    output, _ = end(process, seconds=20)
    assert process.returncode == 1
    return output.decode()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait up to 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@POSIX_ONLY
def test_ctrl_c_at_a_question_leaves_nothing(tmp_path: Path) -> None:
    """The usual moment."""
    with started(ROOT, "-o", tmp_path / "out", home=tmp_path / "home") as process:
        asked = b""
        while b"[1/" not in asked:
            assert process.stdout
            chunk = os.read(process.stdout.fileno(), 100)
            assert chunk, asked
            asked += chunk
        assert press_ctrl_c(process).endswith("Aborted!\n")
    assert not (tmp_path / "out").exists()
    assert_second_run_works(tmp_path / "out")


@POSIX_ONLY
def test_ctrl_c_while_writing_says_so_and_overwriting_completes_the_project(tmp_path: Path) -> None:
    """Cookiecutter leaves what it has written; the next run refuses that folder until told to overwrite."""
    template = copy_of_template(tmp_path)
    # Reading it blocks, half-way through the alphabet.
    os.mkfifo(template / PROJECT / "blocks")
    out = tmp_path / "out"
    with started(template, "--no-input", "-o", out, home=tmp_path / "home") as process:
        wait_for((out / SLUG / "Makefile").exists)
        assert press_ctrl_c(process).endswith("Aborted!\n")
    assert bake_by_command(out).stdout == f'Error: "{out / SLUG}" directory already exists\n'
    assert bake_by_command(out, "--overwrite-if-exists").returncode == 0
    assert tree(out / SLUG) == tree(bake(tmp_path / "reference").path)


@POSIX_ONLY
def test_ctrl_c_in_the_hook_leaves_a_complete_project(tmp_path: Path) -> None:
    """The hook only looks for Docker; a wedged engine makes people press Ctrl-C."""
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexec sleep 60\n")
    docker.chmod(0o755)
    path = f"{docker.parent}{os.pathsep}{os.environ['PATH']}"
    with started(ROOT, "--no-input", "-o", tmp_path / "out", home=tmp_path / "home", PATH=path) as process:
        wait_for((tmp_path / "asked").exists)
        press_ctrl_c(process)
    # It has removed the empty folders before it asks for Docker.
    assert tree(tmp_path / "out" / SLUG) == tree(bake(tmp_path / "reference", hooks=True).path)


@POSIX_ONLY
def test_a_read_only_parent_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Also for root, once the capability that lets root write anywhere is dropped."""
    (out := tmp_path / "out").mkdir()
    out.chmod(0o555)
    as_anybody = ("setpriv", "--bounding-set", "-dac_override") if os.geteuid() == 0 else ()
    arguments = ("--no-input", "--accept-hooks", "no", "-o", out, ROOT)
    result = run(*as_anybody, BIN / "cookiecutter", *arguments, cwd=tmp_path, home=tmp_path / "home")
    out.chmod(0o755)
    assert result.returncode != 0
    assert f"Unable to create directory at {out / SLUG}" in result.stderr
    assert list(out.iterdir()) == []
    assert_second_run_works(out)


@POSIX_ONLY
def test_a_full_disk_is_named_and_overwriting_completes_the_project(tmp_path: Path) -> None:
    """A file system of 40 kB for root, else a limit on the size of files: the write fails half-way."""
    full: tuple[str, ...] = ("unshare", "--mount")
    if os.geteuid() == 0:
        reason = "No space left on device"
        script = """mount -t tmpfs -o size=40k none "$0"; "$@"; echo "status $?"; ls "$0"
            mount -o remount,size=9m "$0"; "$@" -f; echo "status $?"; cp -a "$0/." "$0.kept" """
    else:
        full, reason = (), "File too large"
        script = """(ulimit -f 16; "$@"); echo "status $?"; ls "$0"
            "$@" -f; echo "status $?"; cp -a "$0/." "$0.kept" """
    (out := tmp_path / "out").mkdir()
    command = (BIN / "cookiecutter", "--no-input", "--accept-hooks", "no", "-o", out, ROOT)
    result = run(*full, "sh", "-c", script, out, *command, cwd=tmp_path, home=tmp_path / "home")
    assert result.stdout.splitlines() == ["status 1", SLUG, "status 0"]
    assert reason in result.stderr
    assert tree(tmp_path / "out.kept" / SLUG) == tree(bake(tmp_path / "reference").path)
