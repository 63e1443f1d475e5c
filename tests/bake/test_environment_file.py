"""`.env`: what Compose would change on the way to the service is refused, by file, line and name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.baking import NEEDS_MAKE, BakedProject, bake

pytestmark = NEEDS_MAKE

TAKEN = [
    "A=plain",
    "A=a=b=c",
    "A=with blanks inside",
    "A=has#hash",
    'A=it\'s "quoted" inside',
    "A=back\\slash\\n",
    "A=",
    "A",
    "export A=x",
    "A='s3cr$et-9 # \"x\" ${B} \\'quoted\\''",
    'A="two words" # a comment',
    'A="a\\$b"',
    'A="a \\"b\\""',
    "A='C:\\temp'",
    "A='C:\\dir\\\\'",
    "A='a\\\\b\\'c'",
    "A=\u00e9\u2026",
    "A=x\u200b",
    "NODE_OPTIONS=--max-semi-space-size=32",
    "A='one\ntwo $x\n'",
    "A='x'\r\nB=y\r",
    "\ufeffA=x",
    "# A=$x",
    "",
]
REFUSED = {
    "A=x\nDB_PASSWORD=s3cr$et-9": "2: DB_PASSWORD: Compose would replace the $",
    'A="a ${HOME}"': "1: A: Compose would replace the $",
    'A="one\ntwo $x\n"': "1: A: Compose would replace the $",
    "A=x # y": "1: A: a comment needs a line of its own",
    'A="C:\\temp"': "1: A: Compose would replace the \\: write it in single quotes",
    'A="a\\nb"': "1: A: Compose would replace the \\",
    'A="p\\\\$ecret"': "1: A: Compose would replace the \\",
    **{
        f"A={value}": "1: A: a blank before or after the value"
        for blank in "\v\f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
        for value in (f"x{blank}", f"{blank}x", f"{blank}'x'")
    },
    "A='C:\\dir\\\\'\nB=$x": "2: B: Compose would replace the $",
    "A='C:\\dir\\'": "1: A: the quote is never closed",
    "APP_ENV_FILE=other.env": "1: APP_ENV_FILE: it would name another file than this: use make ENV_FILE=",
    "COMPOSE_ENV_FILES=other.env": "1: COMPOSE_ENV_FILES: Compose would start something else",
    "NODE_OPTIONS=--max-old-space-size=300": "1: NODE_OPTIONS: the image's command sets the heap",
    'NODE_OPTIONS="--max_old_space_size=300"': "1: NODE_OPTIONS: the image's command sets the heap",
    "COMPOSE_FILE=other.yaml": "1: COMPOSE_FILE: Compose would start something else",
    "COMPOSE_PROFILES=dev": "1: COMPOSE_PROFILES: Compose would start something else",
    "A=#x": "1: A: a comment needs a line of its own",
    "A=x ": "1: A: a blank before or after the value",
    "A= x": "1: A: a blank before or after the value",
    "\n\nA='x": "3: A: the quote is never closed",
    'A="x\nB="y"': "1: A: there is text after the closing quote",
    "A='b'c": "1: A: there is text after the closing quote",
    "A B=c": "1: this is not NAME=value",
    "A: b": "1: this is not NAME=value",
    "=b": "1: this is not NAME=value",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("environment"))


def check(project: BakedProject, text: str) -> subprocess.CompletedProcess[str]:
    """Let the project's check read an environment file with this text."""
    (project.path / "some.env").write_bytes(text.encode())
    return subprocess.run(
        ["sh", "-c", ". scripts/compose.sh; check_environment"],
        cwd=project.path,
        env={**os.environ, "ENV_FILE": "some.env"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("text", TAKEN)
def test_taken(project: BakedProject, text: str) -> None:
    result = check(project, text)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("text", REFUSED)
def test_refused_in_one_line_without_the_value(project: BakedProject, text: str) -> None:
    result = check(project, text)
    assert result.returncode != 0
    [line] = result.stderr.splitlines()
    assert line.startswith(f"some.env:{REFUSED[text]}")
    assert "s3cr" not in line


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_HOST", "DATABASE_NAME_FILE"])
def test_what_compose_sets_is_refused(tmp_path: Path, name: str) -> None:
    project = bake(tmp_path / "postgres", database="postgres")
    result = check(project, f"{name}=x")
    assert result.returncode != 0
    assert result.stderr == f"some.env:1: {name}: compose.yaml sets DATABASE_URL: write APP_DATABASE_URL\n"
    for other in ("DATABASE_PASSWORD_FILE=x", "DATABASE_POOL=3", "APP_DATABASE_URL=x"):
        assert check(project, other).returncode == 0


def test_the_example_is_taken(project: BakedProject) -> None:
    assert check(project, project.read(".env.example")).returncode == 0
