"""The plain Docker lines behind the make targets, as the generated README's last section has them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

from engine.network import PROXIES
from support.baking import BakedProject


def plain_lines(project: BakedProject) -> dict[str, list[str]]:
    """Return target → its lines: each comment `# make TARGET` in the block begins one."""
    block = project.read("README.md").partition("\n## Without make\n")[2].split("```")[1]
    lines: dict[str, list[str]] = {}
    for line in block.splitlines()[1:]:
        if found := re.match("# make ([a-z]+)", line):
            lines[found[1]] = []
        elif line:
            lines[list(lines)[-1]].append(line)
    return lines


def unlike_in_other_shells(line: str) -> bool:
    """Whether cmd.exe or PowerShell would read a line otherwise than sh does; PowerShell's own `>` writes UTF-16."""
    unquoted = re.sub(r'"[^"$%`]*"', "", line)
    return re.search(r"[$\"'\\&;%^<>]", unquoted) is not None


def behind_this_machines_ca(line: str) -> str:
    """Return a `docker run` or `docker build` that reaches registries where this machine needs its own CA or proxy."""
    authority = shlex.quote(os.environ.get("NODE_EXTRA_CA_CERTS", ""))
    for begin, ca, proxy in (
        ("docker run --rm", f"--volume {authority}:/run/ca:ro --env NODE_EXTRA_CA_CERTS=/run/ca", "--env"),
        ("docker build", f"--secret id=extra_ca,src={authority}", "--build-arg"),
    ):
        if line.startswith(f"{begin} "):
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
