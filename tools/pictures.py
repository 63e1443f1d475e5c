"""Draws docs/terminal.svg: what a newcomer sees from the bake to the sizes, really run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from demo import ROOT, free_port

PICTURE = ROOT / "docs" / "terminal.svg"
WIDTH = 96  # columns
SLUG = "node-multi-stage-app"
# BuildKit's log of each step: a terminal shows it for a moment, a picture need not.
BUILD_LOG = re.compile(r"^(#\d+ .*|)$")


def output(command: list[str | Path], folder: Path, **variables: str) -> str:
    """Run a command in `folder`; return what it printed, without the build log; raises CalledProcessError."""
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return "\n".join(line for line in result.stdout.splitlines() if not BUILD_LOG.match(line))


def session() -> list[tuple[str, str]]:
    """Return commands as a newcomer types them, each with what it printed; leaves nothing behind."""
    port = str(free_port())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project = folder / SLUG
        cookiecutter = Path(sys.executable).with_name("cookiecutter")
        bake = output([cookiecutter, "--no-input", ROOT], folder)
        make: list[str | Path] = ["make", "--no-print-directory"]
        try:
            run = output([*make, "run", f"PORT={port}"], project)
            curl = output(["curl", "--silent", f"http://localhost:{port}/"], project)
            output([*make, "size"], project)  # builds what the next one compares
            size = output([*make, "size"], project)
        finally:
            output([*make, "clean"], project)
    return [
        ("cookiecutter --no-input gh:org/node-multi-stage", bake),
        (f"cd {SLUG} && make run", run.replace(port, "3000")),
        ("curl http://localhost:3000/", curl),
        ("make size", size),
    ]


def svg(steps: list[tuple[str, str]]) -> str:
    """Return a terminal window as SVG, in a font of the reader's own machine."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, legacy_windows=False)
        for command, text in steps:
            console.print(Text("$ ", style="green") + Text(command, style="bold"))
            console.print(Text.from_ansi(text.strip("\n")))
            console.print()
    picture = console.export_svg(title=SLUG, theme=DIMMED_MONOKAI, unique_id="terminal")
    return re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.write_text(svg(session()), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
