"""Cookiecutter's command in this process, and the configuration file that a user may have."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml
from click.testing import CliRunner
from cookiecutter.cli import main as cookiecutter_command

from support.baking import private_config


class Ended(NamedTuple):
    """How a command ended: exit status and everything it printed."""

    status: int
    output: str


def config_file(folder: Path, **default_context: object) -> Path:
    """Write a user configuration with default answers; its replay files and clones stay in the folder."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**private_config(folder), "default_context": default_context}))
    return path


def command(*arguments: str | Path, keys: str = "") -> Ended:
    """Run cookiecutter's command in this process."""
    result = CliRunner().invoke(cookiecutter_command, [str(a) for a in arguments], input=keys)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(result.exit_code, result.output)
