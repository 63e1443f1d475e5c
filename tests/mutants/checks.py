"""Mutants of a generated project's own checks: its scripts, Biome, the type check and the coverage it asks for."""

from __future__ import annotations

from mutants.mutant import Mutant

MANIFEST = "project/package.json"
TSCONFIG = "project/tsconfig.json"
BIOME = "project/biome.json"
TESTS = "bake/test_project_checks.py::"

MUTANTS = [
    Mutant(
        name="Biome rules off",
        file=BIOME,
        old='"linter": { "rules": { "preset": "recommended" } }',
        new='"linter": { "enabled": false }',
        test=f"{TESTS}test_lint_refuses",
        why="unused code, `any` and known mistakes would pass",
    ),
    Mutant(
        name="Biome does not format",
        file=BIOME,
        old='"formatter": { "indentStyle": "space"',
        new='"formatter": { "enabled": false, "indentStyle": "space"',
        test=f"{TESTS}test_lint_refuses",
        why="every owner's editor would rewrite other lines",
    ),
    Mutant(
        name="Biome's warnings pass",
        file=MANIFEST,
        old="biome check --error-on-warnings && tsc",
        new="biome check && tsc",
        test=f"{TESTS}test_lint_refuses",
        why="a warning in CI is read by nobody",
    ),
    Mutant(
        name="lint does not check types",
        file=MANIFEST,
        old="biome check --error-on-warnings && tsc",
        new="biome check --error-on-warnings",
        test=f"{TESTS}test_lint_refuses",
        why="Node strips types without looking at them",
    ),
    Mutant(
        name="tsconfig not strict",
        file=TSCONFIG,
        old='"strict": true',
        new='"strict": false',
        test=f"{TESTS}test_lint_refuses",
        why="null and untyped parameters would pass",
    ),
    Mutant(
        name="tsconfig allows enums",
        file=TSCONFIG,
        old='    "erasableSyntaxOnly": true,\n',
        new="",
        test=f"{TESTS}test_lint_refuses",
        why="they pass the build and fail at `make dev`, which strips types",
    ),
    Mutant(
        name="coverage of lines not asked for",
        file="project/scripts/node.sh",
        old=" --test-coverage-lines=90",
        new="",
        test=f"{TESTS}test_code_without_tests_fails_the_tests",
        why="code without tests would pass",
    ),
    Mutant(
        name="coverage of branches not asked for",
        file="project/scripts/node.sh",
        old=" --test-coverage-branches=80",
        new="",
        test=f"{TESTS}test_code_without_tests_fails_the_tests",
        why="code without tests would pass",
    ),
    Mutant(
        name="`start` names another file",
        file=MANIFEST,
        old='"start": "node {{ cookiecutter.__source_dir }}/server.js"',
        new='"start": "node {{ cookiecutter.__source_dir }}/app.js"',
        test=f"{TESTS}test_start_is_what_the_image_starts",
        why="`npm start` would end at once and say nothing",
    ),
    Mutant(
        name="format without the lint behind it",
        file="project/Makefile",
        old="\t@$(call quietly,$(EXPORT) --target format .)\n\t@$(MAKE) --no-print-directory lint\n",
        new="\t@$(call quietly,$(EXPORT) --target format .)\n",
        test="docker/image/test_typescript_modes.py::test_lint_refuses_by_name_what_cannot_run_from_src",
        why="what it cannot mend would be found in CI",
    ),
]
