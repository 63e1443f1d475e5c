"""A page of docs/recipes/: its sections, the packages that it adds, and its diffs.

A section is common to all frameworks, or is named like one. One that begins with "Not here:" says why there is no such
recipe for that framework; a page without any is the same for all. Two kinds of line say what a page needs: "Builds on
[redis.md](redis.md)", and "For projects with `orchestrator=swarm`".
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from support.baking import ROOT
from support.combinations import CHOICES

RECIPES = ROOT / "docs" / "recipes"
COMMON = "Every framework"
SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)
BASE = re.compile(r"^Builds on \[([\w-]+)\.md\]\(\1\.md\)", re.MULTILINE)
ANSWERS = re.compile(r"^For projects with (`\w+=\w+`(?: and `\w+=\w+`)*)", re.MULTILINE)
# One that begins with "diff javascript" counts for projects in JavaScript alone.
FENCE = re.compile(r"^```(\w*(?: javascript)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
JAVASCRIPT_DIFF = "diff javascript"
ADD = re.compile(r'^make add PACKAGE="([^"]+)"( DEV=1)?(?: REFUSE=(\S+))?$', re.MULTILINE)
FILE = re.compile(r"^--- (?:a/(?P<old>\S+)|/dev/null)\n\+\+\+ (?:b/(?P<new>\S+)|/dev/null)\n", re.MULTILINE)
MANIFESTS = ("package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock")


@dataclass(frozen=True)
class Addition:
    """What one call of `make add` adds: packages with their versions, for development only or not."""

    packages: str
    development: bool
    refused: str  # the package whose install script is refused, or ""

    @property
    def variables(self) -> dict[str, str]:
        """The variables of `make add`."""
        given = {"PACKAGE": self.packages, "DEV": "1" if self.development else "", "REFUSE": self.refused}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class FileDiff:
    """What a diff does to one file: its path before (None: it is new), after (None: it goes), and the whole text."""

    old: str | None
    new: str | None
    text: str

    @property
    def path(self) -> str:
        """The file's path, the new one if it has two."""
        return self.new or self.old or ""

    @property
    def changed(self) -> int:
        """The number of lines that are added or removed."""
        body = self.text.split("\n")[2:]
        return sum(line.startswith(("+", "-")) for line in body)


def file_diffs(diff: str) -> list[FileDiff]:
    """Return the parts of a diff, one for each file."""
    found = list(FILE.finditer(diff))
    ends = [match.start() for match in found[1:]] + [len(diff)]
    return [FileDiff(m["old"], m["new"], diff[m.start() : end]) for m, end in zip(found, ends, strict=True)]


@dataclass(frozen=True)
class Page:
    """A recipe as it is written, in TypeScript or JavaScript."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The recipe's name: that of the file, without its end."""
        return self.path.stem

    @property
    def chain(self) -> list[Page]:
        """The pages to follow, in order: those that this one builds on, then this one."""
        base = BASE.search(self.text)
        return [*(read(self.path.with_name(f"{base[1]}.md")).chain if base else []), self]

    @property
    def answers(self) -> dict[str, str]:
        """The answers that a project must have been generated with, beside its framework and language."""
        found = ANSWERS.search(self.text)
        return dict(re.findall(r"(\w+)=(\w+)", found[1])) if found else {}

    @property
    def stands_alone(self) -> bool:
        """Whether it is for a project as it is by default: beside other imports, `make format` sorts those it adds."""
        return self.chain == [self] and not self.answers

    def section(self, name: str) -> str:
        """Return the text of a section, "" if the page has none of that name."""
        pieces = SECTION.split(self.text)
        return dict(zip(pieces[1::2], pieces[2::2], strict=True)).get(name, "")

    @property
    def frameworks(self) -> list[str]:
        """The frameworks that the recipe is for."""
        sections = {name: self.section(name).strip() for name in CHOICES["framework"]}
        if self.is_common:
            return list(sections)
        return [name for name, text in sections.items() if text and not text.startswith("Not here:")]

    @property
    def is_common(self) -> bool:
        """Whether the recipe is the same for every framework: it has no section of one."""
        return not any(self.section(name) for name in CHOICES["framework"])

    def fences(self, language: str, framework: str) -> list[str]:
        """Return the fenced blocks of a language that count for a framework, in the order of the page."""
        text = self.section(COMMON) + self.section(framework)
        return [content for kind, content in FENCE.findall(text) if kind == language]

    def additions(self, framework: str) -> list[Addition]:
        """Return what the recipe adds by `make add`."""
        commands = "".join(self.fences("sh", framework))
        return [Addition(packages, bool(dev), refused) for packages, dev, refused in ADD.findall(commands)]

    def diff(self, framework: str) -> str:
        """Return the recipe's whole diff for a framework, as `git apply` takes it."""
        return "".join(self.fences("diff", framework))

    def changed(self, framework: str) -> int:
        """Return how many lines an owner adds and removes, those of manifests aside."""
        return sum(file.changed for file in file_diffs(self.diff(framework)) if file.path not in MANIFESTS)


def read(path: Path) -> Page:
    """Return the page in a file."""
    return Page(path, path.read_text(encoding="utf-8"))


def pages(language: str = "typescript") -> list[Page]:
    """Return every recipe in this language, sorted by name."""
    folder = RECIPES if language == "typescript" else RECIPES / language
    return [read(path) for path in sorted(folder.glob("*.md")) if path.name != "README.md"]


def page_of(name: str, language: str = "typescript") -> Page:
    """Return the recipe of this name; raises StopIteration if there is none."""
    return next(page for page in pages(language) if page.name == name)


def in_order(recipes: Iterable[Page]) -> list[Page]:
    """Return pages, each once, after those that it builds on."""
    every = [page for recipe in recipes for page in recipe.chain]
    return list({page.name: page for page in every}.values())


def index_commands(framework: str, *recipes: str) -> str:
    """Return the index's commands, which take recipes in one go, for a framework and these recipes."""
    text = (RECIPES / "README.md").read_text(encoding="utf-8")
    [block] = [content for _, content in FENCE.findall(text) if "git apply" in content]
    block = re.sub(r"^framework=.*$", f"framework={framework}", block, flags=re.MULTILINE)
    return re.sub(r"^for recipe in .*;", f"for recipe in {' '.join(recipes)};", block, flags=re.MULTILINE)


def git_apply(diff: str, folder: Path, *options: str) -> str:
    """Apply a diff to a project (`--check`: only see whether it would); returns what git objects, "" if it applies."""
    # A repository around the folder is none of its business.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    result = subprocess.run(
        ["git", "apply", "--unidiff-zero", "--whitespace=error-all", *options],
        cwd=folder,
        env=environment,
        input=diff,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.stdout or ("" if result.returncode == 0 else "git apply failed")
