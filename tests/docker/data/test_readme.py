"""The README of a project with a database: every command of its chapter, and the lines without make, as typed."""

from __future__ import annotations

import re
from pathlib import Path

import docker
import pytest

from support.combinations import CHOICES
from support.data.notes import assert_follows, project_with, texts
from support.plain_lines import plain_lines, run_plain, unlike_in_other_shells
from support.readme_text import fenced_blocks

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
ASKED = "SELECT 'seen ' || text FROM notes;\n"


@pytest.mark.parametrize("database", [choice for choice in CHOICES["database"] if choice != "none"])
def test_every_command(client: docker.DockerClient, tmp_path: Path, database: str) -> None:
    with project_with(tmp_path, client, database=database, framework="http") as service:
        project, environment = service.project, {"APP_PORT": str(service.port)}
        chapter = project.read("README.md").split("\n## Database\n")[1].split("\n## ")[0]
        commands = "".join(fenced_blocks(chapter, "sh")).replace(":3000/", f":{service.port}/")
        commands = commands.replace("backup/FILE.db", '"$(ls backup/*.db)"')
        assert {"make run", "make db"} <= {line.split("#")[0].strip() for line in commands.splitlines()}
        commands = commands.replace("make db ", 'echo "$ASKED" | make db ')
        output = run_plain(project, f"set -eux\n{commands}", **environment, ASKED=ASKED)
        assert "seen hi" in output
        assert '{"notes":[{"id":"1","text":"hi","createdAt":' in output
        # The last line starts it and does not wait.
        assert_follows(service, 200, 30)
        assert texts(service) == ["hi"], "a copy of it was restored"

        # Compose passes no secret: where a private CA is needed, make has to build once.
        assert project.make("lint").returncode == 0
        lines = plain_lines(project)
        own = [target for target in ("migrate", "db", "backup", "test") if target in lines]
        assert [line for target in own for line in lines[target] if unlike_in_other_shells(line)] == []
        said = {t: "".join(run_plain(project, line, ASKED, **environment) for line in lines[t]) for t in own}
        assert "migrations: nothing new" in said["migrate"]
        assert "seen hi" in said["db"]
        assert re.search(r"fail 0\b", said["test"])
        if database == "sqlite":
            assert (project.path / "backup" / f"{project.slug}.db").read_bytes().startswith(b"SQLite format 3\0")
        assert texts(service) == ["hi"]
        for target in ("stop", "clean"):
            for line in lines[target]:
                run_plain(project, line, **environment)
