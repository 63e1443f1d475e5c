"""Bakes projects for the tests, in this process or by the command a user types."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest
from cookiecutter.generate import generate_context
from cookiecutter.main import cookiecutter
from cookiecutter.prompt import prompt_for_config

from support.groups import end

ROOT = Path(__file__).resolve().parents[2]
# The template's directory, and the name of the project that the default answers give.
PROJECT = "{{cookiecutter.project_slug}}"
SLUG = "node-multi-stage-app"
BIN = Path(sys.executable).parent
WINDOWS = os.name == "nt"
MAKE_LIMIT = 400.0  # seconds; the slowest target, a cold `make test` on a busy machine, takes about 90


def not_on_windows(lacks: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test on Windows, which lacks what it needs."""
    return pytest.mark.skipif(WINDOWS, reason=f"Windows has no {lacks}")


NEEDS_MAKE = not_on_windows("make; the plain lines in the generated README are for it")


@dataclass(frozen=True)
class BakedProject:
    """A generated project: its folder and the answers that made it (to every question, as text)."""

    path: Path
    answers: dict[str, str]

    @property
    def slug(self) -> str:
        """The one name of folder, package, image and container."""
        return self.answers["project_slug"]

    @property
    def files(self) -> list[str]:
        """Every file, relative to the project, with forward slashes, sorted."""
        return sorted(f.relative_to(self.path).as_posix() for f in self.path.rglob("*") if f.is_file())

    def read(self, relative: str) -> str:
        """Return a file's text with its line ends as they are."""
        return (self.path / relative).read_bytes().decode("utf-8")

    def make(self, *targets: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `make TARGETS NAME=value ...` in the project; never raises for a failing target."""
        return self.make_with(None, *targets, *(f"{name}={value}" for name, value in variables.items()))

    def make_with(
        self, env: Mapping[str, str] | None, *arguments: str, limit: float = MAKE_LIMIT
    ) -> subprocess.CompletedProcess[str]:
        """Run make in the project with another environment than this process's; never raises for a failing target.

        What does not end in `limit` seconds fails the test with what it had printed and what its containers do, and
        is ended with all that it started: it would go on beside the next test.
        """
        command = ["make", *arguments]
        with subprocess.Popen(
            command,
            cwd=self.path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, errors = process.communicate(timeout=limit)
            except BaseException as error:
                state = containers_of(self.slug)
                output, errors = end(process, signal.SIGTERM)
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                pytest.fail(f"{' '.join(command)} did not end in {limit} s:\n{output}{errors}\n{state}")
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


def containers_of(slug: str) -> str:
    """Return what runs on the networks whose names begin with the slug, and the end of what each container printed."""
    script = """
        for network in $(docker network ls --quiet --filter "name=$0"); do
          for container in $(docker ps --quiet --filter "network=$network"); do
            docker ps --no-trunc --filter "id=$container"
            docker top "$container"
            docker logs --tail 20 "$container"
          done
        done
    """
    shell = ["timeout", "30", "sh", "-c", script, slug]
    return subprocess.run(shell, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout


def public_answers(template: Path, answers: dict[str, str]) -> dict[str, str]:
    """Return every question with the answer that a bake without questions gives it."""
    context = generate_context(context_file=str(template / "cookiecutter.json"), extra_context=answers)
    return {k: v for k, v in prompt_for_config(context, no_input=True).items() if not k.startswith("_")}


def private_config(folder: Path) -> dict[str, str]:
    """Return a cookiecutter configuration that keeps its replay files and clones out of the user's home."""
    return {"replay_dir": str(folder / "replay"), "cookiecutters_dir": str(folder / "cookiecutters")}


def bake(
    out_dir: Path,
    given: Mapping[str, str] | None = None,
    *,
    hooks: bool = False,
    template: Path = ROOT,
    **more: str,
) -> BakedProject:
    """Bake these answers, the defaults for the rest, into `out_dir` in this process; raises what cookiecutter raises.

    Hooks are off because they run `docker` and write no file: switch them on where they are the subject.
    """
    answers = {**(given or {}), **more}
    complete = public_answers(template, answers)
    with TemporaryDirectory() as folder:
        path = cookiecutter(
            str(template),
            no_input=True,
            extra_context=answers,
            output_dir=str(out_dir),
            accept_hooks=hooks,
            default_config=private_config(Path(folder)),
        )
    return BakedProject(Path(path), complete)


def private_environment(home: Path, **variables: str) -> dict[str, str]:
    """Return this process's environment with another home: no user's configuration is read or written."""
    home.mkdir(parents=True, exist_ok=True)
    identity = {f"GIT_{who}_{what}": "test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    own = {"HOME": str(home), "USERPROFILE": str(home), "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "200"}
    # Repositories of tests need not reach the disk.
    own |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsync", "GIT_CONFIG_VALUE_0": "none"}
    kept = {k: v for k, v in os.environ.items() if k not in ("COOKIECUTTER_CONFIG", "XDG_CONFIG_HOME")}
    return {**kept, **identity, **own, **variables}


def run(
    *command: str | Path, cwd: Path, home: Path, stdin: str = "", umask: int = -1, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the tests' virtual environment or of the system, away from the user's home.

    `umask` -1 keeps this process's; `variables` are added to the environment.
    """
    program = BIN / str(command[0])
    line = [str(program if program.exists() else command[0]), *map(str, command[1:])]
    environment = private_environment(home, **variables)
    return subprocess.run(
        line,
        cwd=cwd,
        env=environment,
        input=stdin,
        umask=umask,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def bake_by_command(
    out_dir: Path, *options: str, template: str | Path = ROOT, hooks: bool = False, **answers: str
) -> subprocess.CompletedProcess[str]:
    """Run `cookiecutter --no-input TEMPLATE key=value ...` into `out_dir`, whether it succeeds or not."""
    return run(
        "cookiecutter",
        "--no-input",
        *options,
        *(() if hooks else ("--accept-hooks", "no")),
        "--output-dir",
        out_dir,
        template,
        *(f"{key}={value}" for key, value in answers.items()),
        cwd=ROOT,
        home=out_dir.parent / "home",
    )


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every path below a folder with its mode and, for files, its bytes."""
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def contents(project: Path) -> dict[str, bytes]:
    """Return the bytes of every file, git's own aside."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def git_repository(folder: Path, message: str = "first") -> Path:
    """Commit everything in a folder, as a new git repository if it is none; return the folder."""
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", message)):
        result = run("git", *arguments, cwd=folder, home=folder.parent / "home")
        assert result.returncode == 0, result.stderr
    return folder


def copy_of_template(folder: Path) -> Path:
    """Copy the files that make the template, as a clone would have them, and return the copy."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT, home=folder / "home")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            target = folder / "template" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
            target.chmod((ROOT / name).stat().st_mode)
    return folder / "template"


def node() -> str:
    """Return a Node binary: the one among the development tools, else the system's."""
    return str(BIN / "node") if (BIN / "node").exists() else shutil.which("node") or "node"


class Bake(Protocol):
    """Bake answers (the defaults for those not given), hooks included."""

    def __call__(self, **answers: str) -> BakedProject:
        """Return the project; fails the test with cookiecutter's own exception."""
