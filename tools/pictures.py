"""Draws docs/pictures/terminal.svg: what a newcomer sees from the bake to the sizes, as tools/demo.py runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "terminal.svg"
WIDTH = 96  # columns
SLUG = "node-multi-stage-app"
# The demonstration's own name and port, as a newcomer has them; BuildKit's log, which a terminal shows for a moment.
ORDINARY = (
    (r"--no-input \S+ project_slug=\S+", "--no-input gh:org/node-multi-stage"),
    (r"node-multi-stage-demo-\d+", SLUG),
    (r" PORT=\d+", ""),
    (r"(localhost|127\.0\.0\.1):\d+", r"\1:3000"),
    (r"(?m)^#\d+ .*\n", ""),
    (r"\n{3,}", "\n\n"),
)


def session() -> str:
    """Return what the demonstration prints; prints it and raises CalledProcessError when it fails."""
    command: list[str | Path] = [sys.executable, ROOT / "tools" / "demo.py"]
    try:
        text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
    except subprocess.CalledProcessError as error:
        print(error.stdout, file=sys.stderr)
        raise
    for pattern, ordinary in ORDINARY:
        text = re.sub(pattern, ordinary, text)
    return text.strip()


def svg(text: str) -> str:
    """Return a terminal window as SVG, in a font of the reader's own machine; lines with `$` are commands."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, legacy_windows=False)
        for line in text.splitlines():
            command = line.startswith("$ ")
            console.print(Text("$ ", "green") + Text(line[2:], "bold") if command else Text.from_ansi(line))
    picture = console.export_svg(title=SLUG, theme=DIMMED_MONOKAI, unique_id="terminal")
    return re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.write_text(svg(session()), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
