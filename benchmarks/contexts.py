"""Writes the build context of each variant: a bake, the same with a peer's Dockerfile, or the references."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from benchmarks.commands import BenchmarkError, run
from benchmarks.real_service import check_lock, lay_over
from benchmarks.variants import Variant

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SLUG = "node-multi-stage-app"
COOKIECUTTER = Path(sys.executable).with_name("cookiecutter")
# The last commit of the round before: what a bake and a build cost then is the measure of today's.
COMMIT_BEFORE = "a202d7d"


def bake(folder: Path, answers: dict[str, str], template: Path = ROOT) -> Path:
    """Bake a project of ours into `folder` without its hook, and return its path.

    By a process of its own, as a user does it: the extension of an older template has the same name as today's.
    """
    given = {"project_slug": SLUG, **answers}
    folder.mkdir(parents=True, exist_ok=True)
    options = ("--no-input", "--default-config", "--accept-hooks", "no", "--output-dir", folder)
    run(COOKIECUTTER, *options, template, *(f"{key}={value}" for key, value in given.items()), env=environment())
    return folder / given["project_slug"]


def environment() -> dict[str, str]:
    """Return the environment for cookiecutter: without the path on which this repository's modules are found."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def template_before(folder: Path) -> Path:
    """Write the template of COMMIT_BEFORE into `folder`, once, and return the folder.

    Raises:
        BenchmarkError: this clone does not hold that commit.
    """
    template = folder / "template-before"
    if not template.exists():
        command = ["git", "archive", "--format=tar", COMMIT_BEFORE]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as archive:
            assert archive.stdout is not None
            try:
                with tarfile.open(fileobj=archive.stdout, mode="r|") as files:
                    files.extractall(template, filter="data")
            except tarfile.ReadError:
                raise BenchmarkError(f"this clone lacks the commit {COMMIT_BEFORE}: git fetch --unshallow") from None
    return template


def write_context(variant: Variant, folder: Path, run_id: str) -> Path:
    """Write a variant's build context below `folder` and return it.

    A peer gets the sources and manifests of our express project, with the greeting or the real service in it, and the
    peer's own Dockerfile and .dockerignore. Cache mounts get names of this run and variant, so that none finds what
    another left.
    """
    context = folder / variant.key
    if variant.target:
        shutil.copytree(HERE / "references", context)
    else:
        shutil.move(write_project(variant, folder, run_id), context)
    dockerfile = context / "Dockerfile"
    text = own_caches(dockerfile.read_text(), f"{run_id}-{variant.key}")
    dockerfile.write_text(with_ca(text) if variant.kind in ("peer", "reference") else text)
    return context


def write_project(variant: Variant, folder: Path, run_id: str) -> Path:
    """Write the project of a variant that is no reference, and return its path."""
    template = template_before(folder) if variant.kind == "before" else ROOT
    project = bake(folder / "baked" / variant.key, variant.answers, template)
    if variant.subject == "service":
        lay_over(project)
        check_lock(project)
    if variant.kind == "peer":
        (project / ".dockerignore").unlink()
        shutil.copytree(HERE / "peers" / variant.style, project, dirs_exist_ok=True)
        service = project / "service.Dockerfile"
        if variant.subject == "service":
            service.replace(project / "Dockerfile")
        else:
            service.unlink()
    manifest = project / "package.json"
    # Unlike any earlier run's, so that the engine has no layer of one.
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "description": f"Run {run_id}"}, indent=2))
    return project


def own_caches(dockerfile: str, name: str) -> str:
    """Return a Dockerfile whose cache mounts are called `name` and their target."""
    return re.sub(r"--mount=type=cache,target=([^, \s]+)", rf"--mount=type=cache,id={name}\1,target=\1", dockerfile)


def with_ca(dockerfile: str) -> str:
    """Return a Dockerfile whose npm trusts the secret `extra_ca`, if the build has one.

    Only for machines behind a private CA: the peers' own files know nothing of it.
    """
    trust = "--mount=type=secret,id=extra_ca "
    lines = []
    for line in dockerfile.splitlines(keepends=True):
        if "npm " in line and not line.lstrip().startswith(("CMD", "#")):
            line = re.sub(r"npm (ci|install)", r"NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca npm \1", line)
        lines.append(re.sub(r"^RUN ", f"RUN {trust}", line))
    return "".join(lines)
