"""Shapes the diffs of docs/recipes so that recipes combine, and writes docs/recipes/javascript: `make javascript`.

A recipe is written for a project in TypeScript, its diffs as git prints them; support.recipes.anchored leaves each
change with the lines that it stands beside. The JavaScript form has the same text; each diff is made anew, between the
files before and after it, without their types and formatted as `make format` would. What it alone needs stands on the
page as "diff javascript".
`--check` changes nothing and fails if a page is not what it would be.
"""

from __future__ import annotations

import argparse
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
from support.recipes.anchored import Sides, anchored, sides_of
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
    """What a diff does to one file: where the file's text before and after lies, below a folder of its own."""

    file: FileDiff
    folder: Path

    @property
    def is_source(self) -> bool:
        """Whether it is TypeScript, which has another text in JavaScript."""
        return self.file.path.endswith(".ts")

    @property
    def end(self) -> str:
        """The end of the names of its copies."""
        return "ts" if self.is_source else "txt"

    def lines(self, language: str, when: str) -> list[str]:
        """Return the lines of the file in a language, `before` or `after`; none where it is not there."""
        path = self.folder / "typescript" / f"{when}.{self.end}"
        if language == "javascript" and self.is_source:
            path = self.folder / "javascript" / f"{when}.js"
        if not path.is_file():
            return []
        text = path.read_text(encoding="utf-8")
        # The files of a project that are no source, such as compose.yaml, name what production starts.
        text = started_from_sources(text) if language == "javascript" and not self.is_source else text
        return text.splitlines(keepends=True)

    def diff(self, language: str) -> str:
        """Return the diff of this file in a language."""
        if not (self.file.old and self.file.new):
            if language == "typescript" or not self.is_source:
                return self.file.text if language == "typescript" else in_prose(self.file.text)
            sides = Sides()
        else:
            sides = sides_of(self.file.text, javascript_path if language == "javascript" else str)
        rename = javascript_path if language == "javascript" else str
        names = [f"a/{rename(self.file.old)}" if self.file.old else "/dev/null"]
        names += [f"b/{rename(self.file.new)}" if self.file.new else "/dev/null"]
        hunks = anchored(self.lines(language, "before"), self.lines(language, "after"), sides)
        return f"--- {names[0]}\n+++ {names[1]}\n{hunks}" if hunks else ""


def javascript_path(text: str) -> str:
    """Return a source file's path, or a line that imports one, as it is in a project in JavaScript."""
    return re.sub(r"\.ts(?=$|';$)", ".js", text)


def started_from_sources(text: str) -> str:
    """Return text with the files that production starts, and how, as in a project in JavaScript."""
    text = re.sub(r"(?<![\w/-])dist/", "src/", text)
    return re.sub(r'"?--enable-source-maps"?, ', "", text)


def in_prose(text: str) -> str:
    """Return text, commands or a file that is no source, with the names that files have in JavaScript."""
    text = started_from_sources(re.sub(r"\.ts\b", ".js", text))
    text = TYPES.sub("", text)
    text = re.sub(r'^make add PACKAGE=""( DEV=1)?\n', "", text, flags=re.MULTILINE)
    return text.replace("](../", "](../../")


def apply_recorded(diff: str, project: Path, folder: Path) -> list[Change]:
    """Apply a diff to a project in TypeScript; keeps what it changes below a folder. Raises SystemExit."""
    changes = []
    for number, file in enumerate(file_diffs(diff)):
        change = Change(file, folder / str(number))
        (change.folder / "typescript").mkdir(parents=True)
        (change.folder / "javascript").mkdir()
        changes.append(change)
        if file.old:
            shutil.copy(project / file.old, change.folder / "typescript" / f"before.{change.end}")
    if said := git_apply(diff, project):
        raise SystemExit(f"{folder.parent.name}, diff {folder.name}: {said}")
    for change in changes:
        if change.file.new:
            shutil.copy(project / change.file.new, change.folder / "typescript" / f"after.{change.end}")
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
    alone = {page.name for page in pages() if page.stands_alone}
    javascript.check_style(folder, [path for path in typed if path.relative_to(folder).parts[0] in alone])
    # Beside other imports those of a recipe are not in order: `make format` sorts them, as the index says.
    javascript.check_style(folder, typed, "--assist-enabled=false")
    javascript.check_style(folder, plain, "--write")


def shaped(page: Page, recorded: list[list[Change]], language: str) -> str:
    """Return the text of a page in a language, its diffs made anew."""
    words = in_prose if language == "javascript" else str
    text, position = "", 0
    remaining = iter(recorded)
    for fence in FENCE.finditer(page.text):
        if fence[1] not in ("diff", JAVASCRIPT_DIFF):
            continue
        text += words(page.text[position : fence.start()])
        position = fence.end()
        if fence[1] == JAVASCRIPT_DIFF:
            text += fence[0] if language == "typescript" else f"```diff\n{fence[2]}```"
            continue
        diff = "".join(change.diff(language) for change in next(remaining))
        if diff:
            # An empty line of context needs no blank.
            text += "```diff\n" + re.sub(r"^ $", "", diff, flags=re.MULTILINE) + "```"
    # A block of commands, or a section, of which nothing is left.
    return re.sub(r"```sh\n```\n\n", "", text + words(page.text[position:]))


def generate(folder: Path) -> dict[str, str]:
    """Return the text of every page by its path below docs/recipes; works below a folder."""

    @cache
    def bakes(**answers: str) -> BakedProject:
        return bake(folder / "bakes" / "-".join(answers.values()), {**answers, "language": "typescript"})

    recorded = {page.path.name: record(page, bakes, folder) for page in pages()}
    strip(folder / "changes")
    return {
        f"{prefix}{page.path.name}": shaped(page, recorded[page.path.name], language)
        for prefix, language in (("", "typescript"), ("javascript/", "javascript"))
        for page in pages()
    }


def written() -> dict[str, str]:
    """Return the text of every page that is there, by its path below docs/recipes."""
    return {page.path.relative_to(RECIPES).as_posix(): page.text for page in [*pages(), *pages("javascript")]}


def stale(wanted: dict[str, str]) -> list[str]:
    """Return one line for each page that is not what generate() wants."""
    found = written()
    return [f"docs/recipes/{n}" for n in sorted({*wanted, *found}) if wanted.get(n) != found.get(n)]


def write(wanted: dict[str, str]) -> None:
    """Write every page; remove those in JavaScript whose recipe is gone."""
    shutil.rmtree(RECIPES / "javascript", ignore_errors=True)
    (RECIPES / "javascript").mkdir()
    for name, text in wanted.items():
        (RECIPES / name).write_text(text, encoding="utf-8", newline="\n")


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
    print("\n".join([*found, "Write them anew: make javascript"]) if found else "docs/recipes is current")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
