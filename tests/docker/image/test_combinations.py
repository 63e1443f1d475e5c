"""Builds and runs combinations of answers: a pairwise cover always, all of them in `make test-all`."""

from __future__ import annotations

import json
import re
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from benchmarks.figures import ABOVE_NODE_MB, ADDED_MB
from loopback import GREETING
from support.combinations import Answers, every_combination, label, pairwise_cover
from support.data.notes import project_with
from support.lockfiles import Package, production_packages
from support.running import ANSI, ENGINES_OWN, Record, Service, files_of, is_ready, project_of, wait_until
from support.slices import slice_number

COVER = pairwise_cover()
REST = [answers for answers in every_combination() if label(answers) not in {label(a) for a in COVER}]
USER = {"minimal": "1000:1000", "slim": "1000:1000", "distroless": "65532"}
BASE = {"slim": "node:{}-trixie-slim", "distroless": "gcr.io/distroless/nodejs{}-debian13:nonroot"}
MINIMAL = re.compile(
    r"usr/local/(bin/node|LICENSE)|etc/(passwd|group|nsswitch\.conf|os-release|ssl/certs/ca-certificates\.crt)"
    r"|lib(64)?/.*\.so[.\d]*|var/lib/dpkg/status\.d/[\w.+-]+|usr/share/doc/[\w.+-]+(/copyright)?"
)
NODE_AND_LIBRARIES = re.compile(r"usr/local/bin/node|lib.*\.so[.\d]*|etc/ssl/certs/ca-certificates\.crt")
# What package managers leave in node_modules beside the packages, and what links to them.
NOTES = re.compile(
    r"node_modules/(\.package-lock\.json|\.yarn-state\.yml|\.package-map\.json|\.modules\.yaml"
    r"|\.pnpm-workspace-state-v1\.json|\.pnpm/lock\.yaml|\.bin/.*|.*/node_modules/\.bin/.*)"
)


def check_combination(service: Service, targets: Iterable[str], record: Record) -> None:
    """Do with one project all that its owner does first, and look at what really runs; these targets last."""
    answers = service.project.answers
    start = time.monotonic()
    build = service.project.make("build")
    assert build.returncode == 0, build.stderr
    record("build_s", round(time.monotonic() - start, 1))
    service.run()
    assert service.get("/").body.strip() == GREETING
    assert service.get("/livez").status == 200
    container = service.container
    assert container.health == "healthy"
    assert container.attrs["Config"]["User"] == USER[answers["runtime_image"]]
    processes = container.top(ps_args="-eo pid,uid,args")["Processes"]
    assert {row[1] for row in processes} == {USER[answers["runtime_image"]].split(":")[0]}
    init, node = (row[2] for row in processes)
    assert init.startswith("/sbin/docker-init -- "), processes
    assert re.fullmatch(r"(/nodejs/bin/)?node (--\S+ )+\S+/server\.js", node), processes
    assert container.attrs["HostConfig"]["ReadonlyRootfs"] is True
    record("start_ms", restart(service, container))
    stop = time.monotonic()
    container.stop(timeout=10)
    assert time.monotonic() - stop < 5
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
    record("image_mb", round(service.image.attrs["Size"] / 1e6, 1))
    explain_every_file(service)
    for target in targets:
        result = service.project.make(target)
        assert result.returncode == 0, f"make {target}: {result.stdout}{result.stderr}"
        if target == "size":
            assert "% saved" in ANSI.sub("", result.stdout)
        if target == "test":
            # pnpm puts its store there, into a layer, when it does not like the cache mount's place.
            roots = service.client.containers.run(f"{service.project.slug}:test", ["ls", "-A", "/"], remove=True)
            assert ".pnpm-store" not in roots.decode().split()


def restart(service: Service, container: Container) -> int:
    """Return the milliseconds from the engine's start to the first answer of a container that was stopped."""
    container.stop()
    start = time.monotonic()
    container.start()
    assert wait_until(lambda: is_ready(service.port), 10)
    return round(1000 * (time.monotonic() - start))


def explain_every_file(service: Service) -> None:
    """No file but the runtime's own, the sources, and packages that the lockfile names for production."""
    answers = service.project.answers
    files = files_of(service.client, service.tag)
    if answers["runtime_image"] == "minimal":
        given = {path for path in files if MINIMAL.fullmatch(path)}
        rest = sum(m.size for p, m in files.items() if m.isfile() and not NODE_AND_LIBRARIES.fullmatch(p))
        added = (mb[answers["framework"]] for choice, mb in ADDED_MB.items() if choice in answers.values())
        assert rest <= (ABOVE_NODE_MB[answers["framework"]] + sum(added)) * 1e6
    else:
        given = set(files_of(service.client, BASE[answers["runtime_image"]].format(answers["node_version"])))
        # Hidden, because the base image brings them.
        assert not [p for p in files if re.search(r"(^|/)(npm|npx|corepack|yarn)$", p) and "usr/share" not in p]
    source = "dist" if answers["language"] == "typescript" else "src"
    expected = {p.replace("src/", "app/" + source + "/").replace(".ts", ".js") for p in service.project.files
                if p.startswith("src/")} | {"app/package.json"}  # fmt: skip
    if source == "dist":
        expected |= {f"{path}.map" for path in expected if path.endswith(".js")}
    expected |= {f"app/{path}" for path in service.project.files if path.startswith(("migrations/", "public/"))}
    packages = installed(service, files)
    assert set(packages.values()) == production_packages(service.project)
    folders = tuple(f"app/{folder}/" for folder in packages)
    explained = given | expected
    for path, member in files.items():
        # pnpm builds node_modules of links into its store.
        known = member.isdir() or member.issym() or path in explained or ENGINES_OWN.fullmatch(path)
        assert known or path.startswith(folders) or NOTES.fullmatch(path.removeprefix("app/")), path
    assert expected <= {path for path, member in files.items() if member.isfile()}


def installed(service: Service, files: dict[str, tarfile.TarInfo]) -> dict[str, Package]:
    """Return folder, name and version of every package in the image's node_modules."""
    manifests = [
        path for path in files if re.fullmatch(r"app/(.+/)?node_modules/(@[^/]+/)?[^/.@][^/]*/package\.json", path)
    ]
    if not manifests:
        return {}
    script = "console.log(JSON.stringify(process.argv.slice(1).map((p) => JSON.parse(fs.readFileSync('/' + p)))))"
    distroless = service.project.answers["runtime_image"] == "distroless"
    output = service.client.containers.run(
        service.tag, [*([] if distroless else ["node"]), "-e", script, *manifests], remove=True
    )
    read = json.loads(output)
    return {
        path.removeprefix("app/").removesuffix("/package.json"): (manifest["name"], manifest["version"])
        for path, manifest in zip(manifests, read, strict=True)
    }


def prove(
    answers: Answers,
    targets: Iterable[str],
    folder: Path,
    client: docker.DockerClient,
    record: Record,
) -> None:
    """Bake and prove one combination; what was measured goes into the report under its name."""
    record("combination", label(answers))
    baked = project_of if answers["database"] == "none" else project_with
    with baked(folder, client, **answers) as service:
        check_combination(service, targets, record)


@pytest.mark.parametrize(("number", "answers"), list(enumerate(COVER)), ids=map(label, COVER))
def test_pairwise_cover(
    number: int,
    answers: Answers,
    tmp_path: Path,
    client: docker.DockerClient,
    record_property: Record,
) -> None:
    """Every other row runs its own `make test`, which takes as long as the rest; the tested tree says which."""
    tests_itself = number % 2 == slice_number(2)
    # `make test` lints, and test_make_targets.py has `make size`.
    prove(answers, ("test", "clean") if tests_itself else ("clean",), tmp_path, client, record_property)


@pytest.mark.full
@pytest.mark.parametrize("answers", [*COVER, *REST], ids=label)
def test_every_combination(
    answers: Answers,
    tmp_path: Path,
    client: docker.DockerClient,
    record_property: Record,
) -> None:
    prove(answers, ("lint", "test", "size", "clean"), tmp_path, client, record_property)
