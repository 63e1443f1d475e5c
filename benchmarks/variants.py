"""What is compared: our projects, the peers and the references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

FRAMEWORKS = ("http", "express", "fastify")
DATABASES = ("sqlite", "postgres")
# Where a service finds the Postgres that the benchmark runs beside it.
DATABASE_URL = "postgres://app:development@database:5432/app"
POSTGRES = {"DATABASE_URL": DATABASE_URL}


@dataclass(frozen=True)
class Variant:
    """One image, or one command in another variant's image.

    `kind` is `ours`, `peer`, `reference`, or `before`: ours as it was; `answers` bake a project of ours; `subject` is
    the application in it; `style` is the folder of a peer's Dockerfile; `target` names a stage of the references'
    Dockerfile; `image` names the variant whose image `command` runs in; `env` goes to the container; `measures` are
    the groups it takes part in: size, build, dependency, cold, start, load, reads, reload.
    """

    key: str
    label: str
    kind: Literal["ours", "peer", "reference", "before"]
    measures: frozenset[str]
    answers: dict[str, str] = field(default_factory=dict)
    subject: Literal["greeting", "service"] = "greeting"
    style: str = ""
    target: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language of its sources."""
        return "typescript" if self.subject == "service" else self.answers.get("language", "javascript")

    @property
    def source(self) -> str:
        """The file that an edit changes."""
        return "src/app.ts" if self.language == "typescript" else "src/app.js"


def bare(framework: str) -> str:
    """The key of the reference that is a framework and the greeting, and nothing else."""
    return f"bare-{framework}"


def _ours(key: str, label: str, measures: str, **answers: str) -> Variant:
    return Variant(key, label, "ours", frozenset(measures.split()), answers)


def _with_answer(framework: str) -> list[Variant]:
    """A framework's projects with another answer than `none`."""
    env = {"postgres": POSTGRES}
    name = f"ours-{framework}"
    return [
        _ours(f"{name}-metrics", f"ours, {framework}, metrics", "size load", framework=framework, metrics="prometheus"),
        *(
            Variant(
                f"{name}-{database}",
                f"ours, {framework}, {database}",
                "ours",
                frozenset({"size", "start"}),
                {"framework": framework, "database": database},
                env=env.get(database, {}),
            )
            for database in DATABASES
        ),
    ]


def _silent(framework: str, answer: str = "") -> Variant:
    label, key = f"ours, {framework}{answer.replace('-', ', ')}, silent log", f"{framework}{answer}"
    env = {"LOG_LEVEL": "silent"}
    return Variant(f"silent-{key}", label, "ours", frozenset({"load"}), image=f"ours-{key}", env=env)


def _reads(framework: str, database: str) -> list[Variant]:
    """Ours with a silent log, and the same handler on the bare framework with the same driver."""
    key, measures = f"{framework}-{database}", frozenset({"reads"})
    env = POSTGRES if database == "postgres" else {}
    file = f"/app/notes-{framework}.js"
    return [
        Variant(
            f"reads-{key}",
            f"ours, {framework}, {database}, silent log",
            "ours",
            measures,
            image=f"ours-{key}",
            env={**env, "LOG_LEVEL": "silent"},
        ),
        Variant(
            f"bare-reads-{key}",
            f"bare {framework}, {database}",
            "reference",
            measures,
            image="apps",
            command=("node", file),
            env={**env, "DRIVER": database},
        ),
    ]


def _peer(style: str, label: str) -> Variant:
    return Variant(style, label, "peer", frozenset(["size", "build", "dependency", "cold", "start"]), style=style)


def _of_service(peer: Variant) -> Variant:
    answers = {"language": "typescript"}
    key, label = f"service-{peer.key}", f"real service, {peer.label}"
    return Variant(key, label, "peer", peer.measures, answers, "service", peer.style)


def _reference(key: str, label: str, measures: str, target: str) -> Variant:
    return Variant(key, label, "reference", frozenset(measures.split()), target=target)


def _app(key: str, label: str, measures: str, file: str) -> Variant:
    command = ("node", f"/app/{file}")
    return Variant(key, label, "reference", frozenset(measures.split()), image="apps", command=command)


OURS = (
    _ours("ours-express", "ours, express", "size build dependency cold start load reload"),
    _ours("ours-fastify", "ours, fastify", "size build cold start load", framework="fastify"),
    _ours("ours-http", "ours, http", "size build cold start load", framework="http"),
    _ours("ours-typescript", "ours, express, TypeScript", "size build cold start reload", language="typescript"),
    _ours("ours-pnpm", "ours, express, pnpm", "size build dependency cold", package_manager="pnpm"),
    _ours("ours-slim", "ours, express, slim", "size build cold start", runtime_image="slim"),
    _ours("ours-distroless", "ours, express, distroless", "size build cold start", runtime_image="distroless"),
    *(variant for framework in FRAMEWORKS for variant in _with_answer(framework)),
)
SERVICE_OURS = Variant(
    "service-ours",
    "real service, ours",
    "ours",
    frozenset(["size", "build", "dependency", "cold", "start"]),
    {"language": "typescript"},
    "service",
)
BEFORE = Variant("before", "ours, express, before version 1.0.0", "before", frozenset({"cold"}))
PEERS = (
    _peer("single-stage", "single stage"),
    _peer("tutorial", "the tutorial's two stages"),
    _peer("docker-init", "docker init style"),
    _peer("docker-guide", "Docker's Node guide style"),
    _peer("no-npm", 'docker-node\'s "no npm"'),
    _peer("distroless", "distroless"),
)
SERVICE_PEERS = tuple(map(_of_service, PEERS))
REFERENCES = (
    _reference("static", "static C server in scratch", "size start", "static"),
    _reference("node", "stripped Node, libraries, CA", "size", "node"),
    _reference("bare-http", "bare node:http, CommonJS", "size start load", "bare"),
    Variant("apps", "the frameworks alone", "reference", frozenset(), target="apps"),
    _app("bare-express", "bare express", "start load", "bare-express.js"),
    _app("bare-fastify", "bare fastify", "start load", "bare-fastify.js"),
    _app("usual-http", "node:http, pino-http, helmet", "load", "usual-http.js"),
    _app("usual-express", "express, pino-http, helmet", "load", "usual-express.js"),
    _app("usual-fastify", "fastify, its logger and helmet", "load", "usual-fastify.js"),
)
SILENT = tuple(_silent(framework, answer) for answer in ("", "-metrics") for framework in FRAMEWORKS)
READS = tuple(variant for name in DATABASES for framework in FRAMEWORKS for variant in _reads(framework, name))
ALL = (*OURS, BEFORE, *PEERS, SERVICE_OURS, *SERVICE_PEERS, *REFERENCES, *SILENT, *READS)


def taking_part(measure: str, among: Sequence[Variant] = ALL) -> list[Variant]:
    """Return the variants of a measure: size, build, dependency, cold, start, load, reads or reload."""
    return [variant for variant in among if measure in variant.measures]


def by_framework(variants: Sequence[Variant]) -> list[Variant]:
    """Put those of one framework, which their keys name, beside each other: they are compared, and disturbed alike."""
    return sorted(variants, key=lambda variant: next((name for name in FRAMEWORKS if name in variant.key), ""))
