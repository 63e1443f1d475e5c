"""docs/bring-your-app.md: the settings that it shows as diffs, and a project changed by one of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from support.baking import ROOT
from support.recipes.page import FENCE, file_diffs

GUIDE = ROOT / "docs" / "bring-your-app.md"
SETTING = re.compile(r"^### (.+)\n", re.MULTILINE)


@cache
def settings() -> dict[str, str]:
    """Return the diff of each setting, by its heading; a setting of package.json alone has none."""
    text = GUIDE.read_text(encoding="utf-8").split("\n## 3. Set\n")[1].split("\n## ")[0]
    pieces = SETTING.split(text)
    found = {}
    for heading, body in zip(pieces[1::2], pieces[2::2], strict=True):
        found[heading] = "".join(content for kind, content in FENCE.findall(body) if kind == "diff")
    return found


def set_as_shown(project: Path, heading: str, names: dict[str, str]) -> None:
    """Change a project as the guide shows below a heading, with names of the application's own in place of its.

    Each block of a diff must stand in its file exactly once.
    """
    diff = settings()[heading]
    for example, own in names.items():
        assert example in diff, f"{heading} does not show {example}"
        # In the lines that are added: the others are the template's.
        lines = diff.splitlines(keepends=True)
        diff = "".join(line.replace(example, own) if re.match(r"\+(?!\+\+)", line) else line for line in lines)
    for file in file_diffs(diff):
        path, shown = project / file.path, file.text
        # The guide writes JavaScript's names.
        if not path.is_file():
            path, shown = path.with_suffix(".ts"), shown.replace(".js'", ".ts'")
        text = path.read_text(encoding="utf-8")
        for block in _blocks(shown):
            before = "".join(line[1:] for line in block if line[0] in " -")
            after = "".join(line[1:] for line in block if line[0] in " +")
            assert text.count(before) == 1, f"{heading}: {file.path} has this {text.count(before)} times:\n{before}"
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")


def _blocks(diff: str) -> list[list[str]]:
    """Return the blocks of one file's diff: where one ends, a line that is not changed begins the next."""
    blocks: list[list[str]] = []
    # An empty line of the file may stand there without the blank before it.
    for line in [line if line.strip() else " \n" for line in diff.splitlines(keepends=True)[2:]]:
        begins_block = not blocks or (line[0] != "+" and blocks[-1][-1][0] == "+")
        if begins_block:
            blocks.append([])
        blocks[-1].append(line)
    return blocks
