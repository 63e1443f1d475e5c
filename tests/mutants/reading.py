"""Mutants of what people read: the READMEs, docs/ and the budgets of generated files; and of the parts of test-all."""

from __future__ import annotations

from mutants.mutant import Mutant

README = "project/README.md"
README_TESTS = "bake/test_readme.py::"
DOCS = "bake/test_docs.py::"

MUTANTS = [
    Mutant(
        name="the generated README gives another default",
        file=README,
        old="| `BODY_LIMIT_BYTES` | 102400 |",
        new="| `BODY_LIMIT_BYTES` | 1048576 |",
        test=f"{README_TESTS}test_generated_readme_lists_every_variable_of_the_service",
        why="an owner would believe in a limit that is not there",
    ),
    Mutant(
        name="the generated README forgets a folder",
        file=README,
        old="| `scripts/` | what the longer targets do, such as `make test` and `make doctor` |\n",
        new="",
        test=f"{README_TESTS}test_generated_readme_says_what_each_file_is",
        why="an owner would not know what it is for",
    ),
    Mutant(
        name="the generated README names a file that is not there",
        file=README,
        old="| `biome.json` |",
        new="| `eslint.config.js` |",
        test=f"{README_TESTS}test_generated_readme_says_what_each_file_is",
        why="an owner would look for it",
    ),
    Mutant(
        name="the start without make is not the README's",
        file=README,
        old="\ndocker compose up --build --wait app\n",
        new="\ndocker compose up\n",
        test="hook/test_post_gen_hook.py::test_without_make_the_next_command_is_plain_docker",
        why="the hook and the README would say different things",
    ),
    Mutant(
        name="the README's tree forgets a file",
        file="README.md",
        old="  compose.yaml               how the container runs: hardened, and for development\n",
        new="",
        test=f"{DOCS}test_the_readmes_tree_is_the_default_project",
        why="a newcomer would not see all that they get",
    ),
    Mutant(
        name="a page of docs/ is in no index",
        file="docs/README.md",
        old="[company.md](company.md)",
        new="company.md",
        test=f"{DOCS}test_the_index_names_every_page",
        why="nobody would find it",
    ),
    Mutant(
        name="a link of the README leads nowhere",
        file="README.md",
        old="](docs/answers.md)",
        new="](docs/answer.md)",
        test=f"{DOCS}test_links_lead_somewhere",
        why="a reader would meet a 404",
    ),
    Mutant(
        name="a long test is known by a mark in its own folder only",
        file="tools/parts.py",
        old="    texts += [path.read_text",
        new="    _ = [path.read_text",
        test="bake/test_parts.py::test_what_makes_a_module_long",
        why="a part would lack the tests whose parameters stand in tests/support",
    ),
    Mutant(
        name="a run of a part counts for ever",
        file="tools/parts.py",
        old='return part.page.is_file() and COUNTS.format(covered_hash(part)) in part.page.read_text(encoding="utf-8")',
        new="return part.page.is_file()",
        test="bake/test_parts.py::test_a_run_counts_until_what_it_covers_changes",
        why="make test-all would pass without having run what changed",
    ),
    Mutant(
        name="a part in which no test ran has passed",
        file="tools/parts.py",
        old="    return result.returncode == 0\n",
        new="    return result.returncode in (0, 4, 5)\n",
        test="bake/test_parts.py::test_a_run_in_which_nothing_ran_has_failed",
        why="a misspelt path would look like a proof",
    ),
    Mutant(
        name="of several figures of a run the page shows the last",
        file="tools/parts.py",
        old='f"{recorded[name]}\\n{value}" if name in recorded else value',
        new="value",
        test="bake/test_parts.py::test_the_page_shows_every_figure_that_a_run_recorded",
        why="two of three roll-outs would have no figure",
    ),
    Mutant(
        name="two commands on a line of a RUN",
        file="project/Dockerfile",
        old="RUN mkdir -p etc/ssl/certs usr/local/bin; \\\n    mkdir -m 1777 tmp; \\\n",
        new="RUN mkdir -p etc/ssl/certs usr/local/bin; mkdir -m 1777 tmp; \\\n",
        test="bake/test_budgets.py::test_one_command_per_line",
        why="an owner would read past the second",
    ),
    Mutant(
        name="two steps on a line of a RUN",
        file="project/Dockerfile",
        old="RUN chown node:node /app \\\n    && mkdir -m 1777 /data\n",
        new="RUN chown node:node /app && mkdir -m 1777 /data\n",
        test="bake/test_budgets.py::test_one_command_per_line",
        why="an owner would read past the second",
    ),
    Mutant(
        name="a script of more than 160 lines",
        file="project/scripts/doctor.sh",
        old="minimum_compose={{ cookiecutter.__min_compose }}\n",
        new="minimum_compose={{ cookiecutter.__min_compose }}\n:\n:\n:\n:\n:\n:\n:\n",
        test="bake/test_budgets.py::test_lines_of_a_script",
        why="an owner would not read it to its end",
    ),
    Mutant(
        name="a comment beyond 100 columns",
        file="project/Makefile",
        old="# Builds a stage and writes its files here, owned by you. No mount, so the engine may be elsewhere.\n",
        new="# Builds a stage and writes its files here, owned by you and not root. No mount, so the engine may "
        "be elsewhere.\n",
        test="bake/test_budgets.py::test_columns",
        why="an owner would scroll to read it",
    ),
    Mutant(
        name="a recipe of seven lines",
        file="project/Makefile",
        old="\t@rm -rf coverage dist sbom.cdx.json\n",
        new="\t@rm -rf coverage\n\t@rm -rf dist sbom.cdx.json\n",
        test="bake/test_budgets.py::test_lines_of_a_recipe",
        why="the Makefile would become a script that nobody checks",
    ),
]
