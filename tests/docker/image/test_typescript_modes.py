"""TypeScript runs from src or, by one setting, from dist: for what Node cannot strip."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from loopback import GREETING, free_port
from support.development import body_has, make_dev
from support.running import Service, project_of, wait_until

DECORATED = """function column(_target: object, _key: string) {}
export class Row {
  @column level = 1;
}
"""
# Reads the type of a decorated property, from a module behind an alias, with an enum's value beside it.
METADATA = """import { greeting } from '#greeting.js';

const types = new Map<string, unknown>();
Object.assign(Reflect, {
  metadata: (key: string, value: unknown) => () => types.set(key, value),
});
function column(_target: object, _key: string) {}
enum Level {
  High = 2,
}
export class Row {
  @column level: Level = Level.High;
}
const type = types.get('design:type') as { name: string };
export const text = `${greeting} ${type.name} ${new Row().level}`;
"""


@pytest.fixture
def service(client: docker.DockerClient, tmp_path: Path) -> Iterator[Service]:
    """A TypeScript project."""
    with project_of(tmp_path, client, language="typescript") as service:
        yield service


def settings(service: Service, file: str, **values: object) -> None:
    """Set top-level keys of a JSON file; in tsconfig.json those of the compiler."""
    path = service.project.path / file
    content = json.loads(path.read_text(encoding="utf-8"))
    (content["compilerOptions"] if file == "tsconfig.json" else content).update(values)
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def write(service: Service, **sources: str) -> None:
    """Write modules of src."""
    for name, text in sources.items():
        (service.project.path / "src" / f"{name}.ts").write_text(text, encoding="utf-8")


@pytest.mark.full
def test_lint_refuses_by_name_what_cannot_run_from_src(service: Service) -> None:
    settings(service, "tsconfig.json", experimentalDecorators=True)
    write(service, row=DECORATED)
    assert service.project.make("format").returncode != 0
    refused = service.project.make("lint")
    assert refused.returncode != 0
    assert "src/row.ts:3:  @column level = 1;" in refused.stderr
    assert "Decorators cannot run from src/" in refused.stderr
    write(service, row="export const note = 'an @ alone is no decorator';\n")
    assert service.project.make("lint").returncode == 0
    settings(service, "tsconfig.json", paths={"#*": ["./src/*"]})
    assert service.project.make("format").returncode != 0
    refused = service.project.make("lint")
    assert "Path aliases (paths in tsconfig.json) cannot run from src/" in refused.stderr


@pytest.mark.full
def test_all_runs_from_dist(service: Service) -> None:
    settings(
        service, "tsconfig.json", erasableSyntaxOnly=False, experimentalDecorators=True, emitDecoratorMetadata=True,
        paths={"#*": ["./src/*"]},
    )  # fmt: skip
    settings(service, "package.json", imports={"#*": "./dist/*"})
    write(service, metadata=METADATA, greeting="export const greeting = 'Decorated';\n")
    for path in ("src/routes.ts", "test/app.test.ts"):
        text = service.project.read(path).replace(GREETING, "Decorated Number 2")
        if path.startswith("src/"):
            text = "import { text } from './metadata.ts';\n" + text.replace(r"'Decorated Number 2\n'", r"`${text}\n`")
        (service.project.path / path).write_text(text, encoding="utf-8")
    formatted = service.project.make("format")
    assert formatted.returncode == 0, formatted.stderr
    tested = service.project.make("test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " metadata.ts " in tested.stdout, "the coverage names sources"
    service.run()
    assert service.get("/").body.strip() == "Decorated Number 2"
    assert service.project.make("stop").returncode == 0
    with make_dev(service, free_port()):
        assert service.get("/").body.strip() == "Decorated Number 2"
        write(service, greeting="export const greeting = 'Reloaded';\n")
        assert wait_until(lambda: body_has(service, "Reloaded Number 2"), 30)
