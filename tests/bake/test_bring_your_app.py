"""docs/bring-your-app.md: each change that it shows fits into a project, and is tried; its table tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.baking import bake
from support.moved_in.applications import APPLICATIONS
from support.moved_in.guide import GUIDE, settings
from support.moved_in.moving import changed_lines, move_in

ROW = re.compile(r"^\| `(\w+)` \|.*\| (\d+) \|$", re.MULTILINE)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_lines_that_an_application_needs(name: str, tmp_path: Path) -> None:
    """None in src/service; as few as it may have, and as the guide's table says."""
    application = APPLICATIONS[name]
    project = bake(tmp_path, application.answers, ci="none").path
    move_in(application, project)
    lines = changed_lines(application, project)
    assert lines <= application.limit
    assert dict(ROW.findall(GUIDE.read_text(encoding="utf-8")))[name] == str(lines)


def test_every_change_of_the_guide_is_tried() -> None:
    tried = {setting.heading for application in APPLICATIONS.values() for setting in application.settings}
    assert [heading for heading, diff in settings().items() if diff and heading not in tried] == []
