"""Templates with several versions, projects made from them, and the command that updates these."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

from node_multi_stage.cli import main
from support.baking import PROJECT, bake_by_command, contents, copy_of_template, git_repository, private_environment
from support.commands import Ended

ANSWERS = ".node-multi-stage.json"
BINARY = bytes(range(256))


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, away from the user's settings; return what it prints, raise if it fails."""
    environment = private_environment(folder.parent / "home")
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def first_version(folder: Path) -> Path:
    """Return the template as a repository in a folder, its one commit tagged v1."""
    template = git_repository(copy_of_template(folder))
    git(template, "tag", "v1")
    return template


def next_version(template: Path, name: str, change: Callable[[Path], None]) -> None:
    """Change the template, commit it, and tag it."""
    change(template)
    git_repository(template, name)
    git(template, "tag", name)


def new_project(template: Path, folder: Path, **answers: Any) -> Path:
    """Bake into a new folder with plain cookiecutter and commit it; return the project."""
    baked(template, folder, **answers)
    [project] = folder.iterdir()
    return git_repository(project)


def update(project: Path, template: Path, *options: str, keys: str | None = None) -> Ended:
    """Run `node-multi-stage update` in this process; `keys` are typed, without them it does not ask."""
    line = ["update", str(project), "--template", str(template), *([] if keys is not None else ["--yes"]), *options]
    printed = io.StringIO()
    with mock.patch("sys.stdin", io.StringIO(keys or "")), redirect_stdout(printed), redirect_stderr(printed):
        status = main(line)
    return Ended(status, printed.getvalue())


def baked(template: Path, folder: Path, **answers: Any) -> dict[str, bytes]:
    """Return what a new bake of the template as it is now writes; by the command, because its rules may be others."""
    folder.mkdir()
    result = bake_by_command(folder, template=template, **answers)
    assert result.returncode == 0, result.stderr
    [project] = folder.iterdir()
    return contents(project)


def edit_questions(template: Path, edit: Callable[[dict[str, object]], None]) -> None:
    """Change the template's cookiecutter.json."""
    path = template / "cookiecutter.json"
    questions = json.loads(path.read_text(encoding="utf-8"))
    edit(questions)
    path.write_text(json.dumps(questions, indent=2), encoding="utf-8")


def prepend(path: Path, line: str) -> None:
    """Write a line above what is in a file."""
    path.write_bytes(f"{line}\n".encode() + path.read_bytes())


def append(path: Path, line: str) -> None:
    """Write a line below what is in a file."""
    path.write_bytes(path.read_bytes() + f"{line}\n".encode())


def change_everything(template: Path) -> None:
    """Change a template in each way that a new version may."""
    inside = template / PROJECT
    for name in ("Dockerfile", "compose.yaml", "scripts/run.sh", ".env.example"):
        prepend(inside / name, "# a line of the template")
    append(inside / "package.json", "")
    (inside / "biome.json").unlink()
    (inside / "scripts" / "size.awk").rename(inside / "scripts" / "sizes.awk")
    (inside / "src" / "service").rename(inside / "src" / "kept")
    (inside / "NEW.md").write_text("of the template\n")
    (inside / "logo.png").write_bytes(BINARY[::-1])
    (inside / "scripts" / "dev.sh").chmod(0o755)
    lockfile = template / "templates" / "locks" / "npm" / "express.json"
    lockfile.write_text(lockfile.read_text().replace('"lockfileVersion": 3', '"lockfileVersion":  3'))


def edit_everything(project: Path) -> None:
    """Edit a project in each way that an owner may, commit it; and add files that git does not know."""
    prepend(project / "Dockerfile", "# a line of mine")
    append(project / ".env.example", "# a line of mine")
    (project / "compose.yaml").unlink()
    append(project / "biome.json", "// a line of mine")
    append(project / "scripts" / "size.awk", "# a line of mine")
    (project / "NEW.md").write_text("mine\n")
    (project / "logo.png").write_bytes(BINARY + b"mine")
    (project / "src" / "service" / "mine.js").write_text("// mine\n")
    (project / "scripts" / "run.sh").chmod(0o755)
    append(project / "package-lock.json", " ")
    (project / ".gitignore").write_text((project / ".gitignore").read_text() + "ignored.txt\n")
    git_repository(project, "my work")
    (project / "unknown.txt").write_text("unknown to git\n")
    (project / "ignored.txt").write_text("ignored\n")


def lines_of(ended: Ended, kind: str) -> list[str]:
    """Return what an update's list says about changes of a kind."""
    return [line[16:].strip() for line in ended.output.splitlines() if line[2:17].strip() == kind]


def refused(ended: Ended, project: Path, before: dict[str, bytes]) -> str:
    """Return the line of a refusal, which must have changed nothing."""
    assert ended.status == 2, ended.output
    assert contents(project) == before
    return ended.output.splitlines()[-1]
