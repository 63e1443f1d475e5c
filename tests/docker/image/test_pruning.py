"""What scripts/image/production.mjs keeps of packages, also where KEEP and OMIT name them."""

from __future__ import annotations

from pathlib import Path

import docker

from support.baking import ROOT

SCRIPTS = ROOT / "{{cookiecutter.project_slug}}/scripts/image"
PACKAGES = {
    # Only what tries it names its tests.
    "tried": {
        "package.json": '{"main": "index.js"}',
        "index.js": "module.exports = 1;",
        "example.js": "require('./test/data.js');",
        "bench.js": "require('path').join(__dirname, 'test', 'data.js');",
        "examples/first.js": "require('../test/data.js');",
        "test/data.js": "",
    },
    # Its code leads by an example to its tests.
    "reached": {
        "package.json": '{"main": "index.js"}',
        "index.js": "module.exports = require('./examples/first.js');",
        "examples/first.js": "module.exports = require('../test/data.js');",
        "test/data.js": "",
    },
    # What looks like a trial is where it begins.
    "begun": {
        "package.json": '{"exports": {".": "./test.js"}}',
        "test.js": "module.exports = require('./test/data.js');",
        "test/data.js": "",
    },
    # A template is no JSON, and a licence no manual.
    "template": {
        "package.json": "{}",
        "index.js": "",
        "template/package.json": '{"name": {{name}}}',
        "docs/LICENSE.md": "",
        "test/data.js": "",
    },
    # A map that no compiler wrote is data.
    "city": {"package.json": "{}", "index.js": "", "streets.map": "", "index.js.map": ""},
    # Two packages below one scope are two packages.
    "@scope/used": {"package.json": "{}", "index.js": "require('./tests/data.js');", "tests/data.js": ""},
    "@scope/unused": {"package.json": "{}", "index.js": "", "tests/data.js": ""},
}
USELESS = {"tried/test/data.js", "@scope/unused/tests/data.js", "template/test/data.js", "city/index.js.map"}
COMMAND = """
mkdir /app && cp -r /given /app/node_modules && node /scripts/production.mjs
cd /out/production/app && find . -type f
"""


def pruned(client: docker.DockerClient, folder: Path, **environment: str) -> tuple[set[str], str]:
    """Prune PACKAGES; return which of their files are not in production, and what was printed besides."""
    for package, files in PACKAGES.items():
        for name, text in files.items():
            path = folder / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    mounts = {str(folder): {"bind": "/given", "mode": "ro"}, str(SCRIPTS): {"bind": "/scripts", "mode": "ro"}}
    output = client.containers.run(
        "node:26-trixie", ["sh", "-ec", COMMAND], volumes=mounts, environment=environment, remove=True, stderr=True
    )
    lines = output.decode().splitlines()
    kept = {line.removeprefix("./node_modules/") for line in lines if line.startswith("./")}
    every = {f"{package}/{name}" for package, files in PACKAGES.items() for name in files}
    return every - kept, "\n".join(line for line in lines if not line.startswith("./"))


def test_tests_stay_where_code_reaches_them(client: docker.DockerClient, tmp_path: Path) -> None:
    assert pruned(client, tmp_path) == (USELESS, "")


def test_what_omit_names_is_left_out(client: docker.DockerClient, tmp_path: Path) -> None:
    """A file, a folder of a scoped package, and a package whole."""
    omit = "city/streets.map @scope/used/tests begun"
    begun = {f"begun/{name}" for name in PACKAGES["begun"]}
    omitted = {"city/streets.map", "@scope/used/tests/data.js", *begun}
    assert pruned(client, tmp_path, OMIT=omit) == (USELESS | omitted, "")


def test_names_that_change_nothing_are_told(client: docker.DockerClient, tmp_path: Path) -> None:
    """Typing errors, or packages of another platform, for which a build must not fail."""
    said = "==> KEEP or OMIT names nothing here: cty city/street city/streets.map/"
    keep, omit = "cty city", "city/street city/streets.map/"
    assert pruned(client, tmp_path, KEEP=keep, OMIT=omit) == (USELESS - {"city/index.js.map"}, said)
