"""The template's repository: where it is, which commit a version is, and what that commit bakes."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

from cookiecutter.config import BUILTIN_ABBREVIATIONS
from cookiecutter.exceptions import CookiecutterException
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.prompt import prompt_for_config
from cookiecutter.repository import expand_abbreviations
from jinja2 import TemplateError

from node_multi_stage.git import Refused, git, names, text

Answers = dict[str, str]
# As in extension/answers_file.py, which writes the digest that is looked for here.
DECIDING = ("cookiecutter.json", "local_extensions.py", "extension", "templates", "{{cookiecutter.project_slug}}")
DIGITS = 12
EXTENSION = "local_extensions"


def installed_from() -> tuple[str, str]:
    """Return the address this command was installed from, and the commit if one was asked for; else empty strings.

    Installers leave both in direct_url.json (PEP 610).
    """
    try:
        recorded = json.loads(metadata.distribution("node-multi-stage").read_text("direct_url.json") or "{}")
    except metadata.PackageNotFoundError:
        return "", ""
    address = recorded.get("url", "")
    if address.startswith("file://"):
        address = url2pathname(address.removeprefix("file://"))
    vcs = recorded.get("vcs_info", {})
    return address, vcs["commit_id"] if vcs.get("requested_revision") else ""


class Template:
    """A clone of the template's repository."""

    def __init__(self, address: str, folder: Path) -> None:
        """Clone an address, a path or an abbreviation such as gh:org/name into a new folder; raises Refused."""
        self.folder = folder / "template.git"
        expanded = expand_abbreviations(address, BUILTIN_ABBREVIATIONS)
        source = str(Path(expanded).expanduser()) if Path(expanded).expanduser().exists() else expanded
        git("clone", "--quiet", "--bare", source, self.folder, cwd=Path.cwd())

    def commit(self, name: str) -> str:
        """Return the full commit of a tag, branch, commit or version; raises Refused."""
        for candidate in (name, f"v{name}"):
            found = git("rev-parse", "--quiet", "--verify", f"{candidate}^{{commit}}", cwd=self.folder, may_fail=True)
            if found.returncode == 0:
                return found.stdout.decode().strip()
        raise Refused(f"{name}: the template has no such version, tag or commit")

    def digest(self, commit: str) -> str:
        """Return what extension/answers_file.py appends to the version in a bake of this commit."""
        tree = names(git("ls-tree", "-r", "-z", commit, "--", *DECIDING, cwd=self.folder).stdout)
        entries = (entry.split("\t", 1) for entry in tree)
        lines = [f"{blob} {name}\n" for name, blob in sorted((name, about.split()[2]) for about, name in entries)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:DIGITS]

    def commit_that_bakes(self, version: str) -> str:
        """Return the commit whose bakes carry this version, such as 1.2.3+0123456789ab; raises Refused."""
        release, _, digest = version.partition("+")
        if not digest:
            return self.commit(version)
        # The release first, because commits that change documentation alone bake the same.
        tagged = text("tag", "--list", f"v{release}", "--format=%(objectname)", cwd=self.folder).split()
        for commit in [*tagged, *text("rev-list", "--all", cwd=self.folder).split()]:
            if self.digest(commit) == digest:
                return self.commit(commit)
        raise Refused(f"no commit of the template bakes version {version}: name one near it, as in --from v{release}")

    @cache  # noqa: B019
    def describe(self, commit: str) -> str:
        """Return a commit as people name it: its tag, or the tag before it, or its first digits."""
        return text("describe", "--tags", "--always", commit, cwd=self.folder)

    def checked_out(self, commit: str, folder: Path) -> Path:
        """Write what a bake of a commit reads into a new folder; return it."""
        folder.mkdir()
        top = names(git("ls-tree", "--name-only", "-z", commit, cwd=self.folder).stdout)
        needed = [name for name in top if name in (*DECIDING, "pyproject.toml", ".gitattributes")]
        git(f"--work-tree={folder}", "checkout", "--force", commit, "--", *needed, cwd=self.folder)
        if "cookiecutter.json" not in needed:
            raise Refused(f"{self.describe(commit)} is no version of a cookiecutter template")
        return folder


@contextmanager
def extension_of(template: Path) -> Iterator[None]:
    """Let cookiecutter import the Jinja extension of this version, and of no other; raises Refused for its refusals."""
    another = sys.modules.pop(EXTENSION, None)
    sys.path.insert(0, str(template))
    try:
        yield
    except (CookiecutterException, TemplateError, ValueError) as error:
        raise Refused(str(error).splitlines()[0]) from error
    finally:
        sys.path.remove(str(template))
        sys.modules.pop(EXTENSION, None)
        if another:
            sys.modules[EXTENSION] = another


def literally(value: str) -> str:
    """Return a Jinja expression for exactly this text: what looks like Jinja in an answer is text, too."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{{{{ '{escaped}' }}}}"


def questions(template: Path) -> dict[str, Any]:
    """Return what a version asks: each question with its default or its choices."""
    every = json.loads((template / "cookiecutter.json").read_bytes())
    return {key: default for key, default in every.items() if not key.startswith("_")}


def renamed(template: Path, answers: Mapping[str, str]) -> Answers:
    """Return answers as this version calls them: `_renamed` in its cookiecutter.json names questions and choices.

    {"ci": "pipeline", "license=UNLICENSED": "license=none"} renames a question, and a choice of another.
    """
    result = dict(answers)
    for before, after in json.loads((template / "cookiecutter.json").read_bytes()).get("_renamed", {}).items():
        key, _, choice = before.partition("=")
        if key in result and choice in ("", result[key]):
            new_key, _, new_choice = after.partition("=")
            result[new_key] = new_choice or result.pop(key)
    return result


def complete_context(template: Path, answers: Mapping[str, str]) -> dict[str, Any]:
    """Return cookiecutter's context for these answers, exactly as they are, and the defaults for the rest."""
    context = generate_context(context_file=str(template / "cookiecutter.json"))["cookiecutter"]
    for key, default in questions(template).items():
        if key not in answers:
            continue
        if isinstance(default, list) and answers[key] in default:
            context[key] = [answers[key], *(choice for choice in default if choice != answers[key])]
        else:
            context[key] = literally(answers[key])
    return dict(prompt_for_config({"cookiecutter": context}, no_input=True))


def bake(template: Path, answers: Mapping[str, str], folder: Path) -> tuple[Path, dict[str, Any]]:
    """Bake into a new folder without hooks; return the project and its context. Raises Refused for a bad answer."""
    with extension_of(template):
        context = complete_context(template, answers)
        generate_files(
            repo_dir=str(template), context={"cookiecutter": context}, output_dir=str(folder), accept_hooks=False
        )
    return folder / context["project_slug"], context
