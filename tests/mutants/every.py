"""Every mutant of this folder, in the order of the names of its files."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import mutants
from mutants.mutant import Mutant

FILES = sorted(module.name for module in pkgutil.iter_modules(mutants.__path__))
NO_LISTS = ("__main__", "every", "mutant", "test_mutants")
MUTANTS: list[Mutant] = [
    mutant for name in FILES if name not in NO_LISTS for mutant in import_module(f"mutants.{name}").MUTANTS
]
