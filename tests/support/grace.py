"""Durations of a stop, read from generated files."""

from __future__ import annotations

import re

from support.baking import BakedProject


def seconds(duration: str | int) -> float:
    """Return a duration of a compose file (`10s`, `1m30s`) or a number of seconds."""
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", str(duration))
    if isinstance(duration, int) or found is None:
        return float(duration)
    return 60 * int(found[1] or 0) + int(found[2] or 0)


def timeout_of(project: BakedProject) -> float:
    """Return the default of SHUTDOWN_TIMEOUT_MS, in seconds, from the project's source."""
    extension = "ts" if project.answers["language"] == "typescript" else "js"
    settings = project.read(f"src/service/settings.{extension}")
    found = re.search(r"'SHUTDOWN_TIMEOUT_MS', (\d+)", settings)
    assert found
    return int(found[1]) / 1000
