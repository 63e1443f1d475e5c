"""The checks that a generated project brings pass as it is generated, and refuse what they are there to refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.baking import BakedProject, bake
from support.combinations import CHOICES
from support.installed import install, node_run, own_tests

# Node of the development tools strips types itself, so TypeScript runs without a build.
NODE_LINE = "24"
FAILED = re.compile("^ *\u2716 .* \\(", re.MULTILINE)


def typescript(folder: Path, framework: str) -> BakedProject:
    """Bake a TypeScript project with its packages installed."""
    return install(bake(folder, language="typescript", framework=framework, node_version=NODE_LINE))


@pytest.fixture
def project(tmp_path: Path) -> BakedProject:
    """The project without a framework: nothing but its development tools is installed."""
    return typescript(tmp_path, "http")


def test_its_own_tests_pass(project: BakedProject) -> None:
    """All of them, with the coverage."""
    result = node_run(project, "--run", "test")
    assert result.returncode == 0, result.stdout[-6000:]
    assert "all files" in result.stdout


@pytest.mark.parametrize("framework", [name for name in CHOICES["framework"] if name != "http"])
def test_the_tests_of_a_framework_pass(tmp_path: Path, framework: str) -> None:
    """Those of the application; the service's half is the same for all."""
    project = typescript(tmp_path, framework)
    result = node_run(project, "--test", *own_tests(project))
    assert result.returncode == 0, result.stdout[-6000:]


def test_it_builds_outside_the_image(project: BakedProject) -> None:
    """On the host or in the dev container: nothing but the sources, each where the image starts it."""
    result = node_run(project, "--run", "build")
    assert result.returncode == 0, result.stdout
    built = {path.relative_to(project.path).as_posix() for path in (project.path / "dist").rglob("*.js")}
    sources = [path for path in project.files if path.startswith("src/")]
    assert built == {re.sub(r"^src/(.*)\.ts$", r"dist/\1.js", path) for path in sources}


def test_lint_passes(project: BakedProject) -> None:
    result = node_run(project, "--run", "lint")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("const unused = 1;\n", "noUnusedVariables"),
        ("export const a = 1\n", "format"),
        ("export const a = [1] as Array<any>;\n", "noExplicitAny"),
        ("export function f(x) {\n  return x;\n}\n", "TS7006"),
        ("export const n: string = null;\n", "TS2322"),
        ("export enum E {\n  A,\n}\n", "TS1294"),
    ],
)
def test_lint_refuses(project: BakedProject, source: str, said: str) -> None:
    """Rules, style and types: each of the tools that `lint` runs is strict, and a warning is an error."""
    (project.path / "src" / "added.ts").write_text(source, encoding="utf-8")
    result = node_run(project, "--run", "lint")
    assert result.returncode != 0
    assert said in result.stdout
    assert "src/added.ts" in result.stdout


def test_code_without_tests_fails_the_tests(project: BakedProject) -> None:
    """Files that are loaded and hardly used: every test passes, the coverage of lines and branches does not."""
    source = project.path / "src"
    (source / "lines.ts").write_text(
        "export function dead() {\n" + "  console.log(1);\n" * 300 + "}\n", encoding="utf-8"
    )
    branches = "const n = Number(process.env.NONE ?? 0);\n" + "if (n > 0) console.log(n);\n" * 100
    (source / "branches.ts").write_text(branches, encoding="utf-8")
    loads = "import '../src/lines.ts';\nimport '../src/branches.ts';\n"
    (project.path / "test" / "added.test.ts").write_text(loads, encoding="utf-8")
    result = node_run(project, "--run", "test")
    assert result.returncode != 0
    assert FAILED.findall(result.stdout) == []
    for kind in ("line", "branch"):
        assert re.search(rf"{kind} coverage does not meet threshold", result.stdout), kind


@pytest.mark.parametrize("language", CHOICES["language"])
@pytest.mark.parametrize("runtime_image", CHOICES["runtime_image"])
def test_start_is_what_the_image_starts(tmp_path: Path, language: str, runtime_image: str) -> None:
    """`npm start` and the container run one file, and the build makes that file."""
    project = bake(tmp_path, language=language, runtime_image=runtime_image)
    scripts = json.loads(project.read("package.json"))["scripts"]
    [command] = re.findall(r"^CMD (\[.*\])$", project.read("Dockerfile").split(" AS runtime")[1], re.MULTILINE)
    started = scripts["start"].split()[-1]
    assert json.loads(command)[-1] == started
    source = re.sub(r"^dist/(.*)\.js$", r"src/\1.ts", started)
    assert source in project.files
    assert source in project.read("scripts/node.sh").split()
