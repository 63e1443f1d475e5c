"""What is compared: our projects, the peers and the references, each as a build context of its own."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cookiecutter.main import cookiecutter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SLUG = "node-multi-stage-app"


@dataclass(frozen=True)
class Variant:
    """One image, or one command in another variant's image.

    `kind` is `ours`, `peer` or `reference`; `answers` bake a project of ours; `target` names a stage of the
    references' Dockerfile; `image` names the variant whose image `command` runs in; `env` goes to the container;
    `measures` are the groups it takes part in: size, build, start, load, reload.
    """

    key: str
    label: str
    kind: str
    measures: frozenset[str]
    answers: dict[str, str] = field(default_factory=dict)
    target: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The file that an edit changes."""
        return "src/app.ts" if self.answers.get("language") == "typescript" else "src/app.js"


def _ours(key: str, label: str, measures: str, **answers: str) -> Variant:
    return Variant(key, label, "ours", frozenset(measures.split()), answers)


def _silent(framework: str) -> Variant:
    env = {"LOG_LEVEL": "silent"}
    label, measures = f"ours, {framework}, silent log", frozenset({"load"})
    return Variant(f"silent-{framework}", label, "ours", measures, image=f"ours-{framework}", env=env)


def _peer(key: str, label: str) -> Variant:
    return Variant(key, label, "peer", frozenset({"size", "build", "start", "load"}))


def _reference(key: str, label: str, measures: str, target: str) -> Variant:
    return Variant(key, label, "reference", frozenset(measures.split()), target=target)


def _app(key: str, label: str, measures: str, file: str) -> Variant:
    command = ("node", f"/app/{file}")
    return Variant(key, label, "reference", frozenset(measures.split()), image="apps", command=command)


OURS = (
    _ours("ours-express", "ours, express", "size build start load reload"),
    _ours("ours-fastify", "ours, fastify", "size build start load", framework="fastify"),
    _ours("ours-http", "ours, http", "size build start load", framework="http"),
    _ours("ours-typescript", "ours, express, TypeScript", "size build start reload", language="typescript"),
    _ours("ours-pnpm", "ours, express, pnpm", "size build", package_manager="pnpm"),
    _ours("ours-slim", "ours, express, slim", "size build start", runtime_image="slim"),
    _ours("ours-distroless", "ours, express, distroless", "size build start", runtime_image="distroless"),
)
PEERS = (
    _peer("single-stage", "single stage"),
    _peer("tutorial", "the tutorial's two stages"),
    _peer("docker-init", "docker init style"),
    _peer("docker-guide", "Docker's Node guide style"),
    _peer("no-npm", 'docker-node\'s "no npm"'),
    _peer("distroless", "distroless"),
)
REFERENCES = (
    _reference("static", "static C server in scratch", "size start", "static"),
    _reference("node", "stripped Node, libraries, CA", "size", "node"),
    _reference("bare", "bare node:http, CommonJS", "size start load", "bare"),
    Variant("apps", "the frameworks alone", "reference", frozenset(), target="apps"),
    _app("bare-express", "bare express", "start load", "bare-express.js"),
    _app("bare-fastify", "bare fastify", "start load", "bare-fastify.js"),
    _app("usual-http", "node:http, pino-http, helmet", "load", "usual-http.js"),
    _app("usual-express", "express, pino-http, helmet", "load", "usual-express.js"),
    _app("usual-fastify", "fastify, its logger and helmet", "load", "usual-fastify.js"),
)
SILENT = tuple(_silent(framework) for framework in ("express", "fastify", "http"))
ALL = OURS + PEERS + REFERENCES + SILENT


def taking_part(measure: str, among: Sequence[Variant] = ALL) -> list[Variant]:
    """Return the variants of a measure: size, build, start, load or reload."""
    return [variant for variant in among if measure in variant.measures]


def bake(folder: Path, answers: dict[str, str]) -> Path:
    """Bake a project of ours into `folder` without its hook, and return its path."""
    path = cookiecutter(
        str(ROOT),
        no_input=True,
        extra_context={"project_slug": SLUG, **answers},
        output_dir=str(folder),
        accept_hooks=False,
        default_config=True,
    )
    return Path(path)


def write_context(variant: Variant, folder: Path, run_id: str) -> Path:
    """Write a variant's build context below `folder` and return it.

    A peer gets the sources and manifests of our express service with the peer's own Dockerfile and
    .dockerignore. Cache mounts get names of this run and variant, so that none finds what another left.
    """
    context = folder / variant.key
    if variant.target:
        shutil.copytree(HERE / "references", context)
    else:
        baked = bake(folder / "baked" / variant.key, variant.answers)
        if variant.kind == "peer":
            (baked / ".dockerignore").unlink()
            shutil.copytree(HERE / "peers" / variant.key, baked, dirs_exist_ok=True)
        manifest = baked / "package.json"
        # Unlike any earlier run's, so that the engine has no layer of one.
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "description": f"Run {run_id}"}, indent=2))
        shutil.move(baked, context)
    dockerfile = context / "Dockerfile"
    text = own_caches(dockerfile.read_text(), f"{run_id}-{variant.key}")
    dockerfile.write_text(text if variant.kind == "ours" else with_ca(text))
    return context


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
