"""The half of the service that the template keeps proves itself, whatever an owner makes of the other half.

Run here with the framework that needs no packages; the images' tests run them all.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.baking import BIN, BakedProject, bake
from support.combinations import CHOICES

APP = """// Another application.
import { HttpError } from './service/errors.js';
import { createServer } from './service/server.js';

export const createApp = (context) =>
  createServer(context, () => {
    throw new HttpError(404);
  });
"""


def run_tests(project: BakedProject, pattern: str) -> subprocess.CompletedProcess[str]:
    """Run the project's tests that match."""
    tests = [str(path) for path in sorted(project.path.glob(pattern))]
    command = [str(BIN / "node"), "--no-warnings", "--test", "--test-force-exit", *tests]
    environment = {key: value for key, value in os.environ.items() if key != "NODE_TEST_CONTEXT"}
    return subprocess.run(
        command, cwd=project.path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def own_tests(project: BakedProject, pattern: str) -> None:
    """Run the project's tests that match; fails with their output."""
    result = run_tests(project, pattern)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr


def test_all_tests_of_the_project(tmp_path: Path) -> None:
    """Those in TypeScript run in test_project_checks, with their coverage."""
    own_tests(bake(tmp_path, framework="http", language="javascript"), "test/**/*.test.*")


def test_another_application_turns_no_test_of_the_service_half_red(tmp_path: Path) -> None:
    project = bake(tmp_path, framework="http")
    (project.path / "src" / "app.js").write_text(APP)
    (project.path / "src" / "routes.js").unlink()
    (project.path / "test" / "app.test.js").unlink()
    own_tests(project, "test/service/*.test.*")


def test_a_service_that_does_not_start_is_not_waited_for(tmp_path: Path) -> None:
    """Its tests fail at once, with what it said."""
    project = bake(tmp_path, framework="http")
    signals = "export function onStopSignal() {}\nthrow new Error('broken on purpose');\n"
    (project.path / "src" / "service" / "signals.js").write_text(signals)
    result = run_tests(project, "test/service/process.test.*")
    assert result.returncode != 0
    assert 'the process ended without "listening"' in result.stdout
    assert "broken on purpose" in result.stdout


@pytest.mark.parametrize("language", CHOICES["language"])
@pytest.mark.parametrize("framework", CHOICES["framework"])
def test_nothing_in_the_service_half_knows_the_other(tmp_path: Path, framework: str, language: str) -> None:
    """Sources and tests alike: an owner may delete every route and setting of the other half."""
    project = bake(tmp_path, framework=framework, language=language)
    files = [path for path in project.files if path.startswith(("src/service/", "test/service/"))]
    assert len(files) > 10
    imported = {
        path: re.findall(r"(?:from |import |new URL\(.)['`\"]?(\.[^'`\"]*)", project.read(path)) for path in files
    }
    assert imported["test/service/server.test.js" if language == "javascript" else "test/service/server.test.ts"]
    # Code that a test hands to a process of its own imports from the project's folder.
    own = {"src": ("./",), "test": ("../../src/service/", "./src/service/")}
    foreign = {
        path: names
        for path, found in imported.items()
        if (names := [name for name in found if not name.startswith(own[path.partition("/")[0]])])
    }
    assert foreign == {}
