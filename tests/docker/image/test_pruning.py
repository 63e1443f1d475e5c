"""What scripts/image/production.mjs keeps of packages whose tests, examples and code use each other."""

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
COMMAND = """
mkdir /app && cp -r /given /app/node_modules && node /scripts/production.mjs
cd /production/app && find . -type f
"""


def test_tests_stay_where_code_reaches_them(client: docker.DockerClient, tmp_path: Path) -> None:
    for package, files in PACKAGES.items():
        for name, text in files.items():
            path = tmp_path / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    mounts = {str(tmp_path): {"bind": "/given", "mode": "ro"}, str(SCRIPTS): {"bind": "/scripts", "mode": "ro"}}
    output = client.containers.run("node:26-trixie", ["sh", "-ec", COMMAND], volumes=mounts, remove=True)
    kept = {line.removeprefix("./node_modules/") for line in output.decode().splitlines()}
    every = {f"{package}/{name}" for package, files in PACKAGES.items() for name in files}
    pruned = {"tried/test/data.js", "@scope/unused/tests/data.js", "template/test/data.js", "city/index.js.map"}
    assert every - kept == pruned
