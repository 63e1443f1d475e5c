"""A project that an application has moved into, on the engine that builds and runs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from support.moved_in.moving import Application, changed_lines, git, move_in
from support.recipes.stand_in import FOLDER as STAND_INS
from support.running import Service, project_of
from support.stand_in import stand_in


@dataclass(frozen=True)
class Moved:
    """A project that an application has moved into."""

    service: Service
    application: Application
    lines: int


@contextmanager
def moved_in(application: Application, folder: Path, client: docker.DockerClient) -> Iterator[Moved]:
    """Bake, copy and set as the guide says; at the end `make clean` must leave nothing of it."""
    with ExitStack() as stack:
        for image in application.images:
            stack.enter_context(stand_in(client, image, STAND_INS / image.partition(":")[0]))
        service = stack.enter_context(project_of(folder, client, ci="none", **application.answers))
        project = service.project.path
        move_in(application, project)
        succeeds(service, "lock")
        git(project, "add", "--all")
        lines = changed_lines(application, project)
        if "lint" not in application.scripts:
            succeeds(service, "format")
        try:
            yield Moved(service, application, lines)
        finally:
            succeeds(service, "clean")
            label = f"com.docker.compose.project={service.project.slug}"
            for volume in client.volumes.list(filters={"label": label}):
                volume.remove()


def succeeds(service: Service, target: str, **variables: str) -> str:
    """Make a target, which must succeed; return what it prints, errors aside."""
    result = service.project.make(target, **variables)
    assert result.returncode == 0, f"make {target}: {result.stdout}{result.stderr}"
    return result.stdout
