"""Runs every command of both READMEs as a new user would: one shell, from an empty folder."""

from __future__ import annotations

import re
from pathlib import Path

import docker
import pytest

from loopback import GREETING, free_port
from support.as_written import TEMPLATE, blocks, shell
from support.baking import ROOT, SLUG
from support.running import Service, leftovers

# Run elsewhere: `make test` runs this very test, `make dev` does not end by itself, updates have their own tier.
ELSEWHERE = re.compile(r"make test$|make dev$|cruft |uvx --from \S+ node-multi-stage (update|lockfile)$")


@pytest.fixture
def empty(tmp_path: Path, client: docker.DockerClient) -> Path:
    """An empty folder, and an engine without a project of the default name."""
    assert leftovers(client, SLUG) == [], "this test needs the default name for itself"
    return tmp_path


@pytest.mark.full
def test_first_block_is_the_users_whole_path(empty: Path, client: docker.DockerClient) -> None:
    commands = blocks((ROOT / "README.md").read_text(encoding="utf-8"))[0]
    assert commands[0] == f"uvx cookiecutter {TEMPLATE}"
    port = str(free_port())
    commands[0] = f"cookiecutter '{ROOT}' --no-input"
    commands = [command.replace(":3000/", f":{port}/") for command in commands]
    output = shell(commands, empty, APP_PORT=port, HOME=str(empty / "home"))
    assert GREETING in output
    assert re.search(r"% saved", output)
    assert leftovers(client, SLUG) == []


def test_demo(client: docker.DockerClient) -> None:
    commands = [c for block in blocks((ROOT / "README.md").read_text()) for c in block if c.startswith("make demo")]
    assert commands == ["make demo"]
    output = shell(["make demo"], ROOT)
    assert GREETING in output
    assert "% saved" in output
    assert leftovers(client, "node-multi-stage-demo") == []


def test_every_other_command_is_covered() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rest = [c for block in blocks(text)[1:] for c in block if c != "make demo" and not ELSEWHERE.match(c)]
    assert rest == []


def test_generated_readme(project: Service) -> None:
    # Without make: test_without_make.py. A release needs a registry and a public log: tests/bake/test_github.py.
    sections = re.split(r"^(?=## )", project.project.read("README.md"), flags=re.MULTILINE)
    text = "".join(part for part in sections if not part.startswith(("## Without make\n", "## Release\n")))
    commands = [c for block in blocks(text) for c in block]
    assert {"make run", "make dev", "make test", "make clean"} <= set(commands)
    port = str(free_port())
    runnable = [
        c.replace(":3000/", f":{port}/").replace("some-package", "is-number@7.0.0")
        for c in commands
        if c == "make test" or not ELSEWHERE.match(c)
    ]
    output = shell(runnable, project.project.path, APP_PORT=port)
    assert GREETING in output
