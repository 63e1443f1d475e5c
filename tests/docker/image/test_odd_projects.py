"""Projects from odd answers or surroundings still build, run and clean up: hostile text, a strict umask."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from loopback import GREETING, free_port
from support.baking import ROOT, BakedProject, copy_of_template, git_repository, run
from support.literal_baking import LiteralBake
from support.odd_inputs import LONG, WORST
from support.planted import edit_manifest, write
from support.running import TARGETS, Service, leftovers, unique_slug

ENDLESS = ("dev", "shell")
# They need an argument, or a registry.
REFUSED = ("add", "remove", "pin", "push", "scan")
COMMONJS = """const http = require('node:http');
const server = http.createServer((req, res) => res.end('ready'));
server.listen(process.env.PORT);
"""


def prove_and_clean(project: BakedProject, client: docker.DockerClient) -> None:
    """Run a baked project, ask it, remove it."""
    service = Service(project, free_port(), client)
    try:
        service.run()
        assert service.get("/").body.strip() == GREETING
    finally:
        assert project.make("clean").returncode == 0
    assert leftovers(client, project.slug) == []


@pytest.mark.full
def test_hostile_text_is_data_for_every_target(
    literal_bake: LiteralBake, tmp_path: Path, client: docker.DockerClient
) -> None:
    answers = {
        "project_slug": unique_slug(),
        "project_name": WORST,
        "description": LONG,
        "author": "\"\"\"'''\\",
    }
    project = literal_bake(tmp_path / "out", answers, template=ROOT)
    for target in [name for name in TARGETS if name not in (*ENDLESS, "stop", "clean")] + ["stop"]:
        result = project.make(target, PORT=str(free_port()))
        assert (result.returncode == 0) is (target not in REFUSED), f"make {target}: {result.stderr}"
    prove_and_clean(project, client)
    assert list(tmp_path.rglob("marker*")) == []


@pytest.mark.full
def test_strict_umask_of_a_git_checkout(tmp_path: Path, client: docker.DockerClient) -> None:
    """Git applies the umask: every file is 0600, every folder 0700, and the service is another user."""
    template = git_repository(copy_of_template(tmp_path))
    slug = unique_slug()
    options = ("--no-input", "--accept-hooks", "no", "--output-dir", tmp_path, f"git+file://{template}")
    result = run("cookiecutter", *options, f"project_slug={slug}", cwd=tmp_path, home=tmp_path / "home", umask=0o077)
    assert result.returncode == 0, result.stderr
    path = tmp_path / slug
    assert (path / "src" / "server.js").stat().st_mode & 0o777 == 0o600
    project = BakedProject(path, {"project_slug": slug})
    write(project, "local/own/package.json", '{"name": "own", "version": "1.0.0", "exports": "./index.js"}')
    write(project, "local/own/index.js", "module.exports = 1;")
    for file in (path / "local" / "own").iterdir():
        file.chmod(0o600)
    edit_manifest(project, dependencies={"own": "file:./local/own"})
    write(project, "src/app.js", f"import 'own';\n{project.read('src/app.js')}")
    assert project.make("lock").returncode == 0
    prove_and_clean(project, client)


@pytest.mark.parametrize(
    "ready", [pytest.param(True, id="ready"), pytest.param(False, id="not ready", marks=pytest.mark.full)]
)
def test_a_server_of_the_owners_in_commonjs(project: Service, ready: bool) -> None:
    """cases.md B23: the health check works under another module system, and `make run` shows its words."""
    edit_manifest(project.project, type="commonjs")
    server = COMMONJS if ready else COMMONJS.replace("res.end(", "res.writeHead(404).end(")
    write(project.project, "src/server.js", server)
    result = project.project.make("run", PORT=str(project.port))
    assert (result.returncode == 0) is ready, result.stderr
    if ready:
        assert project.get("/").body == "ready"
    else:
        assert "404" in result.stderr
        assert "import statement" not in result.stderr
