"""Recipes tried in new projects: which trials there are, and a project with a recipe in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from support.recipes.page import Page, git_apply, page_of
from support.running import Service, project_of


@dataclass(frozen=True)
class Trial:
    """One recipe in a project of these answers."""

    recipe: str
    framework: str
    language: str = "typescript"

    @property
    def page(self) -> Page:
        """The page that is followed."""
        return page_of(self.recipe, self.language)

    def __str__(self) -> str:
        """Return a test id."""
        return f"{self.framework}-{self.language}"


def trials_of(recipe: str) -> list[Trial]:
    """Return what proves a recipe: every framework in TypeScript, and the first of them in JavaScript too."""
    frameworks = page_of(recipe).frameworks
    return [*(Trial(recipe, framework) for framework in frameworks), Trial(recipe, frameworks[0], "javascript")]


def add_packages(service: Service, trial: Trial) -> None:
    """Do what the page says with `make add`; fails the test if that fails."""
    for addition in trial.page.additions(trial.framework):
        development = {"DEV": "1"} if addition.development else {}
        result = service.project.make("add", PACKAGE=addition.packages, **development)
        assert result.returncode == 0, result.stdout + result.stderr


@contextmanager
def followed(trial: Trial, folder: Path, client: docker.DockerClient) -> Iterator[Service]:
    """Follow a recipe in a new project, which passes its own `make test` then; it is not running."""
    with project_of(folder, client, framework=trial.framework, language=trial.language) as service:
        add_packages(service, trial)
        assert git_apply(trial.page.diff(trial.framework), service.project.path) == ""
        result = service.project.make("test")
        assert result.returncode == 0, result.stdout + result.stderr
        yield service
