"""The folder of a project's secrets, mounted as the pages say it."""

from __future__ import annotations

from support.recipes.page import Page
from support.running import Service

MOUNT = "./secrets:/run/secrets:ro"
UNUSED = ('# volumes: ["data:/data"]', '# volumes: ["dev-data:/data"]')  # of production and of `make dev`


def mount_secrets(service: Service, page: Page, *more: str) -> None:
    """Write the line of the page into compose.yaml, with more volumes in its list, unless it has the line already."""
    [line] = [
        line.strip() for line in page.text.splitlines() if line.strip().startswith("volumes: [") and MOUNT in line
    ]
    for volume in more:
        line = line.replace("]", f', "{volume}"]')
    compose = service.project.read("compose.yaml")
    for unused in UNUSED:
        assert unused in compose or line in compose
        compose = compose.replace(unused, line, 1)
    (service.project.path / "compose.yaml").write_text(compose, encoding="utf-8")
    (service.project.path / "secrets").mkdir(exist_ok=True)


def write_secret(service: Service, name: str, text: str) -> None:
    """Write a secret, which any user may read."""
    (service.project.path / "secrets" / name).write_text(f"{text}\n", encoding="utf-8")
