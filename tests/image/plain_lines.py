"""The plain Docker lines behind the make targets, in the last column of the generated README's table."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

from baking import BakedProject
from benchmarks.builds import PROXIES


def plain_lines(project: BakedProject) -> dict[str, list[str]]:
    """Return target → its lines."""
    rows = re.findall(r"^\| `make ([a-z]+)` \| .*? \| (.*) \|$", project.read("README.md"), re.MULTILINE)
    return {target: re.findall(r"`(docker [^`]+)`", cell) for target, cell in rows}


def behind_this_machines_ca(line: str) -> str:
    """Return a `docker run` or `docker build` that reaches registries where this machine needs its own CA or proxy."""
    authority = shlex.quote(os.environ.get("NODE_EXTRA_CA_CERTS", ""))
    for begin, ca, proxy in (
        ("docker run --rm", f"--volume {authority}:/run/ca:ro --env NODE_EXTRA_CA_CERTS=/run/ca", "--env"),
        ("docker build", f"--secret id=extra_ca,src={authority}", "--build-arg"),
    ):
        if line.startswith(begin):
            proxies = [f"{proxy} {name}" for name in PROXIES if name in os.environ]
            return " ".join([begin, *([ca] if authority != "''" else []), *proxies, line.removeprefix(begin + " ")])
    return line


def run_plain(project: BakedProject, line: str, stdin: str = "", **environment: str) -> str:
    """Run a line as typed in the project's folder; return all output; fails the test if the line fails."""
    result = subprocess.run(
        ["sh", "-c", behind_this_machines_ca(line)], cwd=project.path, env={**os.environ, **environment},
        input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, f"{line}\n{result.stdout}"
    return result.stdout
