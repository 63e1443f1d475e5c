"""The linters and schema checkers that read the generated files, and which files each one reads."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.baking import BIN

YAMLLINT = (
    "{extends: default, rules: {line-length: {max: 120}, document-start: disable, "
    "truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}, braces: disable}}"
)


@dataclass(frozen=True)
class Checker:
    """A command that gets paths appended and fails when it finds something; `files` is a full-match pattern."""

    files: str
    command: tuple[str, ...]


CHECKERS = {
    "hadolint": Checker("Dockerfile", ("hadolint", "--failure-threshold", "style")),
    "shellcheck": Checker(
        r".*\.sh", ("shellcheck", "--severity", "style", "--external-sources", "--source-path", "SCRIPTDIR/..")
    ),
    "yamllint": Checker(r"(?!pnpm-lock).*\.ya?ml", ("yamllint", "--strict", "--config-data", YAMLLINT)),
    "compose schema": Checker(
        r"compose\.yaml|deploy/stack\.yaml", ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")
    ),
    "workflow schema": Checker(
        r"\.github/workflows/.*", ("check-jsonschema", "--builtin-schema", "vendor.github-workflows")
    ),
    "zizmor": Checker(r"\.github/workflows/.*", ("zizmor", "--offline", "--quiet", "--pedantic", "--no-progress")),
    "dependabot schema": Checker(
        r"\.github/dependabot\.yml", ("check-jsonschema", "--builtin-schema", "vendor.dependabot")
    ),
    "gitlab schema": Checker(
        r"\.gitlab-ci\.yml",
        ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    ),
    "renovate schema": Checker(r"renovate\.json", ("check-jsonschema", "--builtin-schema", "vendor.renovate")),
}


def check(checker: Checker, paths: Sequence[Path], passed: Path) -> list[str]:
    """Run a checker over all these files at once; return its output as one problem if it fails.

    `passed` is a folder that all tests of a run share: what passed once, by name and content, is not read again.
    """
    passed.mkdir(exist_ok=True)
    marks = {path: passed / mark(checker, path) for path in paths}
    unread = [path for path in paths if not marks[path].exists()]
    if not unread:
        return []
    result = subprocess.run(
        [BIN / checker.command[0], *checker.command[1:], *unread], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        return [result.stdout + result.stderr]
    for path in unread:
        marks[path].touch()
    return []


def mark(checker: Checker, path: Path) -> str:
    """Return a name for what a checker says of a file with this name and content."""
    words = " ".join((*checker.command, path.name))
    return hashlib.sha256(words.encode() + b"\0" + path.read_bytes()).hexdigest()
