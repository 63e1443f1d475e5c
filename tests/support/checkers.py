"""The linters and schema checkers that read the generated files, and which files each one reads."""

from __future__ import annotations

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


def check(checker: Checker, paths: Sequence[Path]) -> list[str]:
    """Run a checker over all these files at once; return its output as one problem if it fails."""
    result = subprocess.run(
        [BIN / checker.command[0], *checker.command[1:], *paths], capture_output=True, text=True, check=False
    )
    return [] if result.returncode == 0 else [result.stdout + result.stderr]
