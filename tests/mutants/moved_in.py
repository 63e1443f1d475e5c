"""Mutants of what applications need that move in."""

from __future__ import annotations

from mutants.mutant import Mutant

GUIDE = "docs/bring-your-app.md"
MUTANTS = [
    Mutant(
        name="the example of .env names the health check's path",
        file="project/.env.example",
        old="TRUST_PROXY=none\n",
        new="TRUST_PROXY=none\nHEALTHCHECK_PATH=/readyz\n",
        test="bake/test_readme.py::test_generated_readme_lists_every_variable_of_the_service",
        why="`make test`, which starts with that file, would ask another path than the Dockerfile says",
    ),
    Mutant(
        name="development does not follow the packages of a workspace",
        file=GUIDE,
        old="+  exec node --watch --watch-path=src --watch-path=packages ",
        new="+  exec node --watch --watch-path=src --watch-path=src ",
        test="docker/moved_in/test_notes.py::test_an_edit_of_the_package_reaches_development",
        why="who edits a shared package would look at the old one",
    ),
    Mutant(
        name="files that must be kept are in the container",
        file=GUIDE,
        old='+    volumes: ["data:/data"]\n',
        new='+    volumes: ["/data"]\n',
        test="docker/moved_in/test_todo.py::test_items_outlive_the_container",
        why="a to-do list would be empty after each `make stop`",
    ),
    Mutant(
        name="a client is generated for development alone",
        file=GUIDE,
        old=" COPY . .\n+RUN node --run generate\n",
        new=" COPY . .\n+RUN node --version\n",
        test="docker/moved_in/test_books.py::test_every_target_works",
        why="production would not build",
    ),
    Mutant(
        name="a change of the guide stands nowhere in a project",
        file="project/compose.yaml",
        old="    restart: on-failure:5\n    # Longer",
        new="    restart: on-failure:6\n    # Longer",
        test="bake/test_bring_your_app.py::test_the_lines_that_an_application_needs[queue]",
        why="who follows the guide would look for lines that are not there",
    ),
]
