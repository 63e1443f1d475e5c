"""`make test` says what the production image lacks, ends in time, and stands beside `make run`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import docker
import pytest

from loopback import free_port
from support.running import Service, leftovers, project_of

# It fails before it closes its server.
HANGS = """import assert from 'node:assert';
import http from 'node:http';
import { test } from 'node:test';

test('fails with an open server', async () => {
  await new Promise((resolve) => http.createServer().listen(0, resolve));
  assert.equal(1, 2);
});
"""

# It outlives who loads it, and holds that one's stderr open.
HELPER = """const { spawn } = require('node:child_process');
spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
"""


def package(folder: Path, name: str, source: str) -> dict[str, str]:
    """Write a package into a folder; return the line of package.json that depends on it."""
    (folder / "local" / name).mkdir(parents=True)
    manifest = {"name": name, "version": "1.0.0", "main": "index.js"}
    (folder / "local" / name / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (folder / "local" / name / "index.js").write_text(source, encoding="utf-8")
    return {name: f"file:local/{name}"}


@pytest.mark.parametrize("image", ["minimal", pytest.param("distroless", marks=pytest.mark.full)])
def test_it_names_what_production_lacks(client: docker.DockerClient, tmp_path: Path, image: str) -> None:
    with project_of(tmp_path, client, runtime_image=image) as service:
        path = service.project.path
        manifest = json.loads(service.project.read("package.json"))
        manifest["dependencies"] |= package(
            path, "needs-a-shell", "require('node:child_process').execFileSync('sh', ['-c', 'true']);\n"
        )
        manifest["dependencies"] |= package(path, "is-broken-everywhere", "throw new Error('always');\n")
        manifest["dependencies"] |= package(path, "starts-a-helper", HELPER)
        manifest["dependencies"] |= package(path, "is-fine", "setInterval(() => {}, 1000);\n")
        (path / "package.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        # Packages that the service loads by path, and package.json does not name.
        for name in (
            "openapi.yaml",
            "docs/page.md",
            "docs/notes.md",
            "plugins/one/read.md",
            "plugins/one/package.json",
        ):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text('{ "name": "one" }\n' if name.endswith("json") else "text\n", encoding="utf-8")
        named = "export const files = ['openapi.yaml', '../docs/page.md'];\n"
        (path / "src" / "files.js").write_text(named, encoding="utf-8")
        (path / "views").mkdir()
        (path / "views" / "page.html").write_text("<p></p>\n", encoding="utf-8")
        assert service.project.make("lock").returncode == 0
        service.project.make("format")
        result = service.project.make("test")
        assert result.returncode != 0
        lacking = set(re.findall(r"^(\S+) is not in it: COPY it", result.stderr, re.MULTILINE))
        assert lacking == {"views/", "openapi.yaml", "docs/page.md", "plugins/"}
        assert "needs-a-shell: it starts a program that is not there" in result.stderr
        assert "is-broken-everywhere" not in result.stderr
        assert "starts-a-helper" not in result.stderr
        assert "is-fine" not in result.stderr
        assert "failed: the production image lacks what is named above" in result.stderr
        assert [name for name in leftovers(client, f"{service.project.slug}_test") if ":" not in name] == []


def test_a_required_setting_comes_from_the_example(client: docker.DockerClient, tmp_path: Path) -> None:
    """Not from .env, which is one machine's and may hold secrets."""
    with project_of(tmp_path, client, framework="http") as service:
        folder = service.project.path
        config = service.project.read("src/config.js")
        assert "    // Your own, such as" in config
        (folder / "src/config.js").write_text(
            config.replace("    // Your own,", "    key: read.text('API_KEY'),\n    // Your own,")
        )
        tests = service.project.read("test/app.test.js")
        assert "loadConfig({\n" in tests
        given = tests.replace("loadConfig({\n", "loadConfig({\n    API_KEY: 'a',\n")
        (folder / "test/app.test.js").write_text(given)
        (folder / ".env").write_text("API_KEY=mine\n")
        refused = service.project.make("test")
        assert refused.returncode != 0
        assert "API_KEY must be set, not unset" in refused.stdout + refused.stderr
        with (folder / ".env.example").open("a") as example:
            example.write("API_KEY=an-example\n")
        passed = service.project.make("test")
        assert passed.returncode == 0, passed.stdout + passed.stderr


@pytest.mark.full
def test_a_test_that_never_ends_is_named_beside_a_running_service(project: Service) -> None:
    project.run()
    (project.project.path / "test" / "hangs.test.js").write_text(HANGS, encoding="utf-8")
    result = project.project.make("test")
    assert result.returncode != 0
    assert "fails with an open server" in result.stdout
    assert result.stderr.splitlines()[-2] == "failed: test", result.stderr
    assert "#1 [internal]" not in result.stdout + result.stderr, "BuildKit says nothing where it succeeds"
    assert project.get("/readyz").status == 200


BESIDE = """
  beside:
    image: ${APP_IMAGE}:${APP_TAG}
    container_name: NAME-beside
    environment: { PORT: 3000 }
    ports: ["127.0.0.1:PUBLISHED:3000"]
    volumes: ["kept:/data"]
    networks: [default, abroad]

networks:
  abroad: { external: true, name: "${ABROAD:-NAME-is-not-there}" }

volumes:
  kept: { name: NAME-kept }
"""


def test_it_stands_beside_make_run_and_touches_no_data(project: Service) -> None:
    """With a service that the app needs, whose port, container and volume have names of their own.

    It is in the network of another project, which `make test` does without.
    """
    name, client = project.project.slug, project.client
    file = project.project.path / "compose.yaml"
    text = file.read_text(encoding="utf-8").replace("    init: true\n", "    init: true\n    depends_on: [beside]\n", 1)
    beside = BESIDE.replace("NAME", name).replace("PUBLISHED", str(free_port()))
    file.write_text(text.replace("\nvolumes:\n", beside, 1), encoding="utf-8")
    volume = client.volumes.create(f"{name}-kept", labels={"com.docker.compose.project": name})
    abroad = client.networks.create(f"{name}-abroad")
    try:
        project.run(ABROAD=str(abroad.name))
        mount = {volume.name: {"bind": "/data", "mode": "rw"}}
        write = ["node", "-e", "require('fs').writeFileSync('/data/kept', 'mine')"]
        client.containers.run(project.tag, write, volumes=mount, remove=True)
        tested = project.project.make("test")
        assert tested.returncode == 0, tested.stdout + tested.stderr
        assert tested.stdout.splitlines()[-1] == f"passed: lint, tests, and the production image {project.tag}"
        assert leftovers(client, f"{name}_test") == []
        read = ["node", "-p", "require('fs').readFileSync('/data/kept', 'utf8')"]
        assert client.containers.run(project.tag, read, volumes=mount, remove=True) == b"mine\n"
        assert project.project.make("stop").returncode == 0
        abroad.remove()
    finally:
        volume.remove(force=True)


# One that a shell would expand and split; the others when there is time.
FOLDERS = [
    "dol$HOME a b",
    *(pytest.param(n, marks=pytest.mark.full) for n in ('it"s', "tick`touch marker`", "co:lon", "com,ma", "é")),
]


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_of_any_name(
    client: docker.DockerClient, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    with project_of(tmp_path / name, client) as service:
        routes = service.project.path / "src" / "routes.js"
        before = service.project.read("src/routes.js")
        routes.write_text(before.replace("{ message }", "{message}"), encoding="utf-8")
        for target in ("format", "lock", "run", "stop"):
            result = service.project.make(target, PORT=str(service.port))
            assert result.returncode == 0, result.stderr
        assert service.project.read("src/routes.js") == before
        assert list(tmp_path.rglob("marker")) == []


def test_package_json_is_json(default: Service) -> None:
    """Tabs, line ends of Windows, a nested version, a version that is no tag."""
    package = json.loads(default.project.read("package.json"))
    package = {"volta": {"version": "9.9.9"}, "files": ["version", ":"], **package, "version": "1.4.0+build.7"}
    text = json.dumps(package, indent="\t").replace("\n", "\r\n")
    path = default.project.path / "package.json"
    before = path.read_bytes()
    try:
        path.write_bytes(text.encode())
        result = default.project.make("--eval=print: ; @echo '$(TAG)'", "print")
    finally:
        path.write_bytes(before)
    assert result.stdout == "1.4.0_build.7\n"
