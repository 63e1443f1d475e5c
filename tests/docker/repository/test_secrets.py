"""No secret is in this repository: neither in its files nor in its history. Gitleaks looks, in a container of Debian's.

A made-up secret that a test needs as a literal is marked on its line: `gitleaks:allow`.
"""

from __future__ import annotations

import json
import secrets
import shutil
import string
import subprocess
from pathlib import Path

import docker

from support.baking import ROOT, git_repository, run
from support.machines import build_image

IMAGE = "node-multi-stage-test-secrets"
FOLDER = ROOT / "tests/support/secrets"
SEARCH = """
gitleaks detect --source /searched --report-path /report.json --exit-code 0 >&2
cat /report.json
"""


def whole(root: Path, folder: Path) -> Path:
    """Clone a repository with all its commits, and commit there what its files are now; return the clone."""

    def git(*arguments: str, cwd: Path) -> str:
        result = run("git", *arguments, cwd=cwd, home=folder / "home")
        assert result.returncode == 0, result.stderr
        return result.stdout

    clone = folder / "clone"
    git("clone", "--quiet", "--single-branch", f"file://{root}", str(clone), cwd=folder)
    for name in git("ls-files", "-z", "--modified", "--others", "--exclude-standard", cwd=root).split("\0"):
        if name and (root / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, clone / name)
    git("add", "--all", cwd=clone)
    git("commit", "--quiet", "--allow-empty", "--message", "as it is", cwd=clone)
    return clone


def found(client: docker.DockerClient, repository: Path) -> set[tuple[str, str]]:
    """Search every commit; return rule and file of each secret."""
    build_image(IMAGE, FOLDER)
    container = client.containers.create(IMAGE, ["sh", "-c", SEARCH])
    try:
        copied = ["docker", "cp", "--quiet", f"{repository}/.", f"{container.id}:/searched"]
        subprocess.run(copied, check=True, capture_output=True)
        container.start()
        container.wait()
        report = container.logs(stderr=False).decode()
        assert report, container.logs().decode()
        return {(entry["RuleID"], entry["File"]) for entry in json.loads(report)}
    finally:
        container.remove(force=True)


def github_token() -> str:
    """Return what looks like a token of GitHub and is none."""
    return "ghp_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(36))


def test_none_in_this_repository(client: docker.DockerClient, tmp_path: Path) -> None:
    """In the commits that this clone has, which are all in CI, and in what is not committed yet."""
    assert found(client, whole(ROOT, tmp_path)) == set()


def test_planted_ones_are_found(client: docker.DockerClient, tmp_path: Path) -> None:
    """One that a later commit took out, one that is not committed; not the one whose line says that it is made up."""
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "settings.js").write_text(f"const token = '{github_token()}';\n")
    (repository / "made-up.js").write_text(f"const token = '{github_token()}'; // gitleaks:allow\n")
    git_repository(repository)
    (repository / "settings.js").write_text("const token = process.env.TOKEN;\n")
    git_repository(repository, "second")
    (repository / "new.js").write_text(f"const token = '{github_token()}';\n")
    assert found(client, whole(repository, tmp_path)) == {("github-pat", "settings.js"), ("github-pat", "new.js")}
