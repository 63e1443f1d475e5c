"""What compose.yaml lets the service use: the figures that Kubernetes and Swarm must repeat."""

from __future__ import annotations

import re
from typing import Any

import yaml

from support.baking import BakedProject

VARIABLE = re.compile(r"\$\{(APP_[A-Z_]+):-([^}]*)\}")


def default_of(value: Any) -> str:
    """Return the default in `${APP_NAME:-default}`; a value that no variable can change fails."""
    found = VARIABLE.search(str(value))
    assert found, value
    return found[2]


def compose_limits(project: BakedProject) -> dict[str, str]:
    """Return the limits of the production service as compose.yaml writes them, such as `512m`."""
    app = yaml.safe_load(project.read("compose.yaml"))["services"]["app"]
    options = app["logging"]["options"]
    return {
        "memory": default_of(app["mem_limit"]),
        "cpus": default_of(app["cpus"]),
        "pids": default_of(app["pids_limit"]),
        "tmp": default_of(app["tmpfs"]),
        "log": default_of(options["max-size"]),
        "log files": default_of(options["max-file"]),
    }
