"""The answer pages=static: no trace of it without, and what the project's own checks say of it with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.baking import ROOT, BakedProject, bake
from support.combinations import CHOICES
from support.installed import install, node_run
from support.recipes.page import index_commands

# The page has notes where there is a database.
DATABASES = {"fastify": "sqlite"}


@pytest.fixture(scope="module", params=CHOICES["framework"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A project with pages, and with metrics beside them, of each framework; its packages are installed."""
    answers = {"framework": request.param, "database": DATABASES.get(request.param, "none")}
    answers |= {"language": "typescript", "node_version": "24"}
    return install(bake(tmp_path_factory.mktemp("pages"), answers, pages="static", metrics="prometheus"))


def test_lint_passes(project: BakedProject) -> None:
    """Types and style, of the page, too."""
    result = node_run(project, "--run", "lint")
    assert result.returncode == 0, result.stdout[-6000:]


def test_the_projects_own_tests_pass(project: BakedProject) -> None:
    """With their coverage."""
    result = node_run(project, "--run", "test")
    assert result.returncode == 0, result.stdout[-6000:]


# Asks for paths as they are; prints the status and a header of each answer.
ASK = """
import { createApp } from './src/app.ts';
import { loadConfig } from './src/config.ts';
import { createLogger } from './src/service/logger.ts';
const status = { ready: true, draining: false };
const { server } = await createApp({ config: loadConfig({}), logger: createLogger('silent'), status });
server.listen(0, '127.0.0.1', async () => {
  const [header, accept, ...paths] = process.argv.slice(1);
  const options = { redirect: 'manual', headers: { accept } };
  for (const path of paths) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`, options);
    console.log(answer.status, answer.headers.get(header));
  }
  process.exit();
});
"""


def asked(project: BakedProject, header: str, accept: str, *paths: str) -> list[str]:
    """Return the status and a header of each path's answer; null for one that it has not."""
    script = ("--no-warnings", "--input-type=module", "--eval", ASK)
    result = node_run(project, *script, header, accept, *paths)
    assert result.returncode == 0, result.stdout
    return result.stdout.splitlines()


def test_a_folder_is_sent_on_to_its_own_address(project: BakedProject) -> None:
    """Where the relative links of its page lead, with its query, and never to another host."""
    folder = project.path / "public" / "example.org"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<!doctype html>\n<title>x</title>\n", encoding="utf-8")
    paths = ("/example.org", "/example.org?a=1&b=%2F", "//example.org", "/%2Fexample.org", "/example.org/", "/none")
    plain, with_query, *doubled, there, none = asked(project, "location", "*/*", *paths)
    assert plain == "301 /example.org/"
    assert with_query == plain + "?a=1&b=%2F"
    assert [line for line in doubled if not re.fullmatch(r"40[34] null|301 /(%2F)?example\.org/", line)] == []
    assert (there, none) == ("200 null", "404 null")


# A line of src/app.ts, and how CORS says before it that answers differ by origin.
CORS = {
    "http": (
        "    if (!methods) return sendFile(req, res);\n",
        """
    res.setHeader('vary', 'origin');
""",
    ),
    "express": (
        "  app.use(createRoutes(context));\n",
        """
  app.use((_req, res, next) => {
    res.vary('origin');
    next();
  });
""",
    ),
    "fastify": (
        "  await app.register(routes, context);\n",
        """
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('vary', 'origin');
  });
""",
    ),
}


def test_it_varies_with_the_origin_too_where_cors_says_so(project: BakedProject) -> None:
    """Or a cache would give one origin's answer to another (RFC 9110, 12.5.5)."""
    line, cors = CORS[project.answers["framework"]]
    source = project.path / "src" / "app.ts"
    before = source.read_text(encoding="utf-8")
    assert before.count(line) == 1
    try:
        source.write_text(before.replace(line, cors + line), encoding="utf-8")
        answers = [asked(project, "vary", accept, "/")[0].lower() for accept in ("text/html", "*/*")]
    finally:
        source.write_text(before, encoding="utf-8")
    assert answers == ["200 origin, accept", "200 origin, accept"]


@pytest.mark.parametrize("language", CHOICES["language"])
def test_without_the_answer_there_is_no_trace(tmp_path: Path, language: str) -> None:
    project = bake(tmp_path, language=language, framework="fastify")
    assert [path for path in project.files if path.startswith("public/")] == []
    trace = re.compile(r"public/|pages\b|text/html\b.*accept|wantsPage|//%")
    found = [path for path in project.files if path.startswith(("src/", "test/", "Dockerfile"))]
    assert [path for path in found if trace.search(project.read(path))] == []


def test_pages_are_the_same_for_every_database_and_have_no_notes_without(tmp_path: Path) -> None:
    public = {}
    for database in CHOICES["database"]:
        project = bake(tmp_path / database, pages="static", database=database)
        public[database] = {path: project.read(path) for path in project.files if path.startswith("public/")}
    assert public["sqlite"] == public["postgres"]
    assert "notes" not in "".join(public["none"].values())


@pytest.mark.parametrize("database", ["none", "sqlite"])
def test_the_page_is_whole_without_what_it_does_not_bring(tmp_path: Path, database: str) -> None:
    """Every file that it names is there, and none has an address of another host."""
    project = bake(tmp_path, pages="static", database=database, project_name="Qq <One>")
    page = project.read("public/index.html")
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sorted(named) == ["icon.svg", "main.js", "style.css"]
    assert all(f"public/{name}" in project.files for name in named)
    texts = [project.read(path) for path in project.files if path.startswith("public/")]
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S+", "".join(texts)) == []


def test_the_page_for_hackathons_names_only_what_there_is(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "hackathon.md").read_text(encoding="utf-8")
    [name, answers] = re.findall(r'^uvx cookiecutter \S+ --no-input project_name="(.*)" (.*)$', text, re.MULTILINE)[0]
    project = bake(tmp_path, dict(answer.split("=") for answer in answers.split()), project_name=name)
    named = set(re.findall(r"`((?:public|src)/[\w./-]+)`", text))
    assert {"public/index.html", "src/routes.js"} <= named <= set(project.files)
    assert f"`{project.slug} is ready: http://127.0.0.1:3000`" in text
    assert index_commands("express", "event-stream", "live-updates", "upload") in text
