"""Programs that write down how they were called: what a script would do, without doing it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path


class Fakes:
    """A folder that comes first on PATH; every program in it records its calls in one list, in order."""

    def __init__(self, folder: Path, *names: str) -> None:
        """Make the folder, with a program of each name that succeeds and prints nothing."""
        self.folder = folder
        self.log = folder / "calls.log"
        folder.mkdir(parents=True)
        self.log.touch()
        for name in names:
            self.program(name)

    def program(self, name: str, script: str = "") -> None:
        """Add or replace a program: after it has recorded its call it runs this shell script."""
        record = f"printf '%s\\n' \"{name} $*\" >> {shlex.quote(str(self.log))}"
        (self.folder / name).write_text(f"#!/bin/sh\n{record}\n{script}\n", encoding="utf-8")
        (self.folder / name).chmod(0o755)

    def fails(self, call: str) -> None:
        """Let one exact call, such as `make test`, exit with 1."""
        name = call.split()[0]
        self.program(name, f'[ "{name} $*" != {shlex.quote(call)} ]')

    @property
    def path(self) -> str:
        """The PATH with these programs first."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    @property
    def calls(self) -> list[str]:
        """Every call so far: the program's name and its arguments, separated by blanks."""
        return self.log.read_text(encoding="utf-8").splitlines()
