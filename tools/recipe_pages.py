"""Writes docs/recipes/javascript from docs/recipes: `make javascript`.

A recipe is written for a project in TypeScript. Its JavaScript form has the same text; each diff is made anew, between
the files before and after it, without their types and formatted as `make format` would. What it alone needs stands
on the page as "diff javascript".
`--check` changes nothing and fails if a page is not what it would be.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import javascript
from support.baking import BakedProject, bake
from support.recipes.page import (
    COMMON,
    FENCE,
    JAVASCRIPT_DIFF,
    RECIPES,
    SECTION,
    FileDiff,
    Page,
    file_diffs,
    git_apply,
    pages,
)

# A fresh project in TypeScript of these answers.
Bakes = Callable[..., BakedProject]
# Packages of types, and the compiler's.
TYPES = re.compile(r" ?@types/[\w.-]+@[\w.-]+| @typescript\b")


@dataclass(frozen=True)
class Change:
    """A TypeScript file that a diff changes: where its text before and after lies, below a folder of its own."""

    file: FileDiff
    folder: Path

    def lines(self, language: str, when: str) -> list[str]:
        """Return the lines of the file in a language, `before` or `after`; none where it is not there."""
        end = {"typescript": "ts", "javascript": "js"}[language]
        path = self.folder / language / f"{when}.{end}"
        return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []


def javascript_path(path: str | None) -> str | None:
    """Return a source file's path in a project in JavaScript."""
    return path and re.sub(r"\.ts$", ".js", path)


def in_prose(text: str) -> str:
    """Return text, commands or a file that is no source, with the names that files have in JavaScript."""
    text = re.sub(r"\.ts\b", ".js", text)
    # Where production finds the sources.
    text = re.sub(r"(?<![\w/-])dist/", "src/", text)
    text = TYPES.sub("", text)
    text = re.sub(r'^make add PACKAGE=""( DEV=1)?\n', "", text, flags=re.MULTILINE)
    return text.replace("](../", "](../../")


def apply_recorded(diff: str, project: Path, folder: Path) -> list[Change]:
    """Apply a diff to a project in TypeScript; keeps what it changes below a folder. Raises SystemExit."""
    changes = []
    for number, file in enumerate(file_diffs(diff)):
        if not file.path.endswith(".ts"):
            continue
        change = Change(file, folder / str(number))
        (change.folder / "typescript").mkdir(parents=True)
        (change.folder / "javascript").mkdir()
        changes.append(change)
        if file.old:
            shutil.copy(project / file.old, change.folder / "typescript" / "before.ts")
    if said := git_apply(diff, project):
        raise SystemExit(f"{folder.name}: {said}")
    for change in changes:
        if change.file.new:
            shutil.copy(project / change.file.new, change.folder / "typescript" / "after.ts")
    return changes


def record(page: Page, bakes: Bakes, folder: Path) -> list[list[Change]]:
    """Apply a page to fresh projects; return the changes of each of its diffs, in the order of the page."""
    recorded: list[list[Change]] = []
    projects = {}
    for framework in page.frameworks:
        projects[framework] = folder / "projects" / page.name / framework
        shutil.copytree(bakes(framework=framework, **page.answers).path, projects[framework])
        for base in page.chain[:-1]:
            if said := git_apply(base.diff(framework), projects[framework]):
                raise SystemExit(f"{base.name}, {framework}: {said}")
    pieces = SECTION.split(page.text)
    for title, text in zip(pieces[1::2], pieces[2::2], strict=True):
        for kind, diff in FENCE.findall(text):
            if kind != "diff":
                continue
            place = folder / "changes" / page.name / str(len(recorded))
            users = page.frameworks if title == COMMON else [title]
            # A common diff is the same for all: what the first of them makes of it stands for the others.
            recorded.append(apply_recorded(diff, projects[users[0]], place))
            for other in users[1:]:
                if said := git_apply(diff, projects[other]):
                    raise SystemExit(f"{page.name}, {other}: {said}")
    return recorded


def strip(folder: Path) -> None:
    """Write the JavaScript beside each TypeScript file below a folder; raises SystemExit where Biome refuses one."""
    typed = sorted(folder.rglob("typescript/*.ts"))
    plain = [path.parent.parent / "javascript" / f"{path.stem}.js" for path in typed]
    javascript.strip_types(list(zip(typed, plain, strict=True)), folder)
    javascript.check_style(folder, typed)
    javascript.check_style(folder, plain, "--write")


def javascript_diff(diff: str, changes: list[Change]) -> str:
    """Return a diff for a project in JavaScript: of sources made anew, of other files as it is."""
    remade = {change.file.path: change for change in changes}
    text = ""
    for file in file_diffs(diff):
        if file.path not in remade:
            text += in_prose(file.text)
            continue
        change = remade[file.path]
        old, new = javascript_path(file.old), javascript_path(file.new)
        names = (f"a/{old}" if old else "/dev/null", f"b/{new}" if new else "/dev/null")
        text += "".join(
            difflib.unified_diff(change.lines("javascript", "before"), change.lines("javascript", "after"), *names)
        )
    # An empty line of context needs no blank.
    return re.sub(r"^ $", "", text, flags=re.MULTILINE)


def javascript_page(page: Page, recorded: list[list[Change]]) -> str:
    """Return the text of a page's JavaScript form."""
    text, position = "", 0
    remaining = iter(recorded)
    for fence in FENCE.finditer(page.text):
        if fence[1] not in ("diff", JAVASCRIPT_DIFF):
            continue
        text += in_prose(page.text[position : fence.start()])
        diff = fence[2] if fence[1] == JAVASCRIPT_DIFF else javascript_diff(fence[2], next(remaining))
        if diff:
            text += f"```diff\n{diff}```"
        position = fence.end()
    # A block of commands, or a section, of which nothing is left.
    return re.sub(r"```sh\n```\n\n", "", text + in_prose(page.text[position:]))


def generate(folder: Path) -> dict[str, str]:
    """Return the text of every JavaScript page by the name of its file; works below a folder."""

    @cache
    def bakes(**answers: str) -> BakedProject:
        return bake(folder / "bakes" / "-".join(answers.values()), {**answers, "language": "typescript"})

    recorded = {page.path.name: record(page, bakes, folder) for page in pages()}
    strip(folder / "changes")
    return {page.path.name: javascript_page(page, recorded[page.path.name]) for page in pages()}


def written() -> dict[str, str]:
    """Return the text of every JavaScript page that is there, by the name of its file."""
    return {page.path.name: page.text for page in pages("javascript")}


def stale(wanted: dict[str, str]) -> list[str]:
    """Return one line for each page that is not what generate() wants."""
    found = written()
    return [f"docs/recipes/javascript/{n}" for n in sorted({*wanted, *found}) if wanted.get(n) != found.get(n)]


def write(wanted: dict[str, str]) -> None:
    """Write every JavaScript page; remove those whose recipe is gone."""
    target = RECIPES / "javascript"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name, text in wanted.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    """Write or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail if a page is not current")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted = generate(Path(folder))
    if not arguments.check:
        write(wanted)
        return 0
    found = stale(wanted)
    print("\n".join([*found, "Write them anew: make javascript"]) if found else "docs/recipes/javascript is current")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
