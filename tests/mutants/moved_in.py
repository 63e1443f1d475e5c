"""Mutants of what applications need that move in."""

from __future__ import annotations

from mutants.mutant import Mutant

MUTANTS = [
    Mutant(
        name="the example of .env names the health check's path",
        file="project/.env.example",
        old="TRUST_PROXY=none\n",
        new="TRUST_PROXY=none\nHEALTHCHECK_PATH=/readyz\n",
        test="bake/test_readme.py::test_generated_readme_lists_every_variable_of_the_service",
        why="`make test`, which starts with that file, would ask another path than the Dockerfile says",
    ),
]
