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
    """Return what proves a recipe: every framework in TypeScript, and the first of them in JavaScript too.

    One framework is enough for a page that has no section of one.
    """
    page = page_of(recipe)
    frameworks = page.frameworks[:1] if page.is_common else page.frameworks
    return [*(Trial(recipe, framework) for framework in frameworks), Trial(recipe, frameworks[0], "javascript")]


def follow(service: Service, page: Page, framework: str) -> None:
    """Apply a page's diff, then do what it says with `make add`; fails the test if either fails."""
    assert git_apply(page.diff(framework), service.project.path) == ""
    for addition in page.additions(framework):
        result = service.project.make("add", **addition.variables)
        assert result.returncode == 0, result.stdout + result.stderr


@contextmanager
def followed(trial: Trial, folder: Path, client: docker.DockerClient) -> Iterator[Service]:
    """Follow a recipe, after what it builds on, in a new project that passes `make test` then; it is not running."""
    answers = {"framework": trial.framework, "language": trial.language, **trial.page.answers}
    with project_of(folder, client, **answers) as service:
        for page in trial.page.chain:
            follow(service, page, trial.framework)
        if not trial.page.stands_alone:
            assert service.project.make("format").returncode == 0
        result = service.project.make("test")
        assert result.returncode == 0, result.stdout + result.stderr
        yield service
