"""The commands of a page, run as a reader would who copies them: one shell for each block."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from support.baking import BIN
from support.running import ANSI

# How the pages name the template; tests bake the one that they belong to.
TEMPLATE = "gh:org/node-multi-stage"


def blocks(text: str) -> list[list[str]]:
    """Return the commands of each `sh` block, without comments."""
    found = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [[re.sub(r"\s+#.*", "", line) for line in block.splitlines() if line.strip()] for block in found]


def shell(commands: list[str], folder: Path, **environment: str) -> str:
    """Run the commands in one shell that stops at the first failure; return what they printed."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-euxc", "\n".join(commands)], cwd=folder, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, **environment, "PATH": path},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout
    return ANSI.sub("", result.stdout)
