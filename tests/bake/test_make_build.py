"""What the make targets hand to `docker build` of what the host has, and what they do to images that are there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from engine.network import PROXIES
from support.baking import NEEDS_MAKE, BakedProject, bake
from support.combinations import CHOICES
from support.fakes import Fakes

# An engine that builds everything; the file `title` holds the label of the image that is there, if one is.
ENGINE = """\
case "$*" in
  version*) echo 26.1.5 ;;
  "compose version"*) echo 2.40.0 ;;
  "images --quiet "*label=*) grep --quiet --line-regexp node-multi-stage-app title && echo id ;;
  "images --quiet "*) [ -s title ] && echo id ;;
  "images "*) printf '%s\\n' id-b id-a id-b ;;
esac
"""
LABEL = "org.opencontainers.image.title=node-multi-stage-app"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("build"))


@pytest.fixture
def fakes(tmp_path: Path) -> Fakes:
    """An engine that only pretends."""
    found = Fakes(tmp_path / "fakes")
    found.program("docker", ENGINE)
    return found


def make(
    project: BakedProject, fakes: Fakes, *arguments: str, title: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run make with an environment that holds no proxy, CA or mirror but these."""
    (project.path / "title").write_text(title and f"{title}\n")
    ours = ("NODE_EXTRA_CA_CERTS", "NPMRC", "MIRROR", "PLATFORM")
    kept = {k: v for k, v in os.environ.items() if k not in ours and "proxy" not in k.lower()}
    return subprocess.run(
        ["make", *arguments],
        cwd=project.path,
        env={**kept, "PATH": fakes.path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def build(project: BakedProject, fakes: Fakes, *arguments: str, **environment: str) -> str:
    """Return the only `docker build` of `make build`."""
    before = len(fakes.calls)
    result = make(project, fakes, "build", *arguments, **environment)
    assert result.returncode == 0, result.stderr
    [call] = [call for call in fakes.calls[before:] if call.startswith("docker build ")]
    return call


@NEEDS_MAKE
def test_a_build_with_nothing_set(project: BakedProject, fakes: Fakes) -> None:
    assert build(project, fakes).split() == [
        *("docker", "build", "--label", LABEL),
        *("--tag", "node-multi-stage-app:0.1.0", "."),
    ]


@NEEDS_MAKE
@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_is_a_build_argument_without_its_value(project: BakedProject, fakes: Fakes, name: str) -> None:
    """Docker takes the value from the environment, so that no password is on a command line."""
    call = build(project, fakes, **{name: "http://me:secret@proxy.example:3128"})
    assert f"--build-arg {name} " in call
    assert "secret" not in call


@NEEDS_MAKE
@pytest.mark.parametrize(("variable", "secret"), [("NODE_EXTRA_CA_CERTS", "extra_ca"), ("NPMRC", "npmrc")])
def test_a_file_is_a_secret(project: BakedProject, fakes: Fakes, tmp_path: Path, variable: str, secret: str) -> None:
    path = tmp_path / "a file"
    path.write_text("x")
    assert f"--secret id={secret},src={path} " in build(project, fakes, **{variable: str(path)})
    assert f"--secret id={secret},src={path} " in build(project, fakes, f"{variable}={path}")


@NEEDS_MAKE
def test_a_mirror_serves_every_base_image(tmp_path: Path, fakes: Fakes) -> None:
    """But not the scanner's, which the builder would look for though it does not need it."""
    project = bake(tmp_path, runtime_image="slim", node_version="24")
    call = build(project, fakes, "MIRROR=mirror.example.com/hub")
    for base in ("node:24-trixie", "node:24-trixie-slim"):
        assert f"--build-context {base}=docker-image://mirror.example.com/hub/{base} " in call
    assert call.count("--build-context") == 2


@NEEDS_MAKE
def test_a_mirror_serves_the_scanner(project: BakedProject, fakes: Fakes) -> None:
    assert make(project, fakes, "scan", "MIRROR=mirror.example.com/hub").returncode == 0
    [scanner, image] = [call for call in fakes.calls if call.startswith("docker build ")]
    assert re.search(r"--build-context (anchore/grype:\S+)=docker-image://mirror.example.com/hub/\1 ", scanner)
    assert "grype" not in image


@NEEDS_MAKE
def test_podman_gets_a_checksum_of_the_project(tmp_path: Path, fakes: Fakes) -> None:
    """It would keep what it installed before; Docker compares what is mounted."""
    project = bake(tmp_path)
    fakes.program("podman", ENGINE)

    def checksum() -> str:
        result = make(project, fakes, "build", "DOCKER=podman")
        assert result.returncode == 0, result.stderr
        call = [call for call in fakes.calls if call.startswith("podman build ")][-1]
        return re.search(r"--build-arg CHECKSUM=(\d+ \d+) ", call)[1]  # type: ignore[index]

    first = checksum()
    assert checksum() == first
    for name in ("package.json", "scripts/image/install.sh", "test/app.test.js"):
        before = project.read(name)
        (project.path / name).write_text(f"{before} ", encoding="utf-8")
        assert checksum() != first, name
        (project.path / name).write_text(before, encoding="utf-8")
        assert checksum() == first, name
    (project.path / "node_modules").mkdir()
    (project.path / "node_modules/file").write_text("x", encoding="utf-8")
    assert checksum() == first
    assert "CHECKSUM" not in build(project, fakes)


@pytest.mark.parametrize("choice", [*CHOICES["package_manager"], *CHOICES["runtime_image"]])
def test_a_stage_that_mounts_another_one_reads_the_checksum(tmp_path: Path, choice: str) -> None:
    question = "package_manager" if choice in CHOICES["package_manager"] else "runtime_image"
    stages = re.split(r"(?m)^FROM ", bake(tmp_path, {question: choice}).read("Dockerfile"))
    mounting = [stage for stage in stages if "--mount=type=bind,from=" in stage]
    assert len(mounting) == (2 if choice == "distroless" else 1)
    for stage in mounting:
        assert stage.index("\nARG CHECKSUM\n") < stage.index("--mount=type=bind,from=")


@NEEDS_MAKE
def test_a_platform_is_passed_on(project: BakedProject, fakes: Fakes) -> None:
    assert "--platform linux/arm64 " in build(project, fakes, "PLATFORM=linux/arm64")


@NEEDS_MAKE
@pytest.mark.parametrize(("title", "refused"), [("", False), ("node-multi-stage-app", False), ("other", True)])
def test_an_image_of_another_project_is_not_replaced(
    project: BakedProject, fakes: Fakes, title: str, refused: bool
) -> None:
    result = make(project, fakes, "build", title=title)
    assert (result.returncode != 0) is refused
    assert any(call.startswith("docker build ") for call in fakes.calls) is not refused
    assert ("is not of this project" in result.stderr) is refused


@NEEDS_MAKE
def test_an_image_is_pushed_only_to_a_registry_that_was_named(project: BakedProject, fakes: Fakes) -> None:
    refused = make(project, fakes, "push")
    assert refused.returncode != 0
    assert refused.stderr.startswith("Where to? ")
    assert not any(call.startswith(("docker build", "docker push")) for call in fakes.calls)
    assert make(project, fakes, "push", "IMAGE=registry.example.com/team/app").returncode == 0
    assert fakes.calls[-1] == "docker push registry.example.com/team/app:0.1.0"


@NEEDS_MAKE
def test_clean_removes_the_images_of_this_project_and_its_outputs(project: BakedProject, fakes: Fakes) -> None:
    (project.path / "dist").mkdir()
    (project.path / "sbom.cdx.json").touch()
    assert make(project, fakes, "clean").returncode == 0
    assert f"docker images --all --quiet --filter label={LABEL}" in fakes.calls
    assert "docker rmi --force id-a id-b" in fakes.calls
    assert not (project.path / "dist").exists()
    assert not (project.path / "sbom.cdx.json").exists()


@NEEDS_MAKE
@pytest.mark.parametrize("manager", ["pnpm", "yarn"])
def test_an_installation_after_add_that_fails_is_shown(tmp_path: Path, fakes: Fakes, manager: str) -> None:
    """A script that waits for permission is named by its hint alone: the package is added, and the owner decides."""
    project = bake(tmp_path, package_manager=manager)
    for words, status, shown in (
        ("#9 1.2 gyp: no compiler", 2, "#9 1.2 gyp: no compiler\n"),
        ("#9 1.2 ==> allow it", 0, "==> allow it\n"),
    ):
        failing = f"""case "$*" in build*"--target deps "*) echo '{words}' >&2; exit 1 ;; esac\n"""
        fakes.program("docker", failing + ENGINE)
        result = make(project, fakes, "add", "PACKAGE=some-package")
        assert (result.returncode, result.stderr.startswith(shown)) == (status, True), result.stderr


@NEEDS_MAKE
def test_the_tag_is_the_version_of_package_json(tmp_path: Path, fakes: Fakes) -> None:
    project = bake(tmp_path)
    manifest = project.path / "package.json"
    manifest.write_text(manifest.read_text().replace('"version": "0.1.0"', '"version": "1.20.3-rc.1"'))
    assert "--tag node-multi-stage-app:1.20.3-rc.1 " in build(project, fakes)


@NEEDS_MAKE
def test_a_mirror_serves_the_database_when_that_is_built(tmp_path: Path, fakes: Fakes) -> None:
    """Only then: each build asks the mirror for what it needs."""
    project = bake(tmp_path, database="postgres")
    assert make(project, fakes, "build", "image-database", "image-scanner", "MIRROR=mirror.example.com").returncode == 0
    calls = [call for call in fakes.calls if call.startswith("docker build ")]
    asked = [sorted(set(re.findall(r"--build-context (\w+)\S*=", call))) for call in calls]
    assert asked == [["node"], ["node", "postgres"], ["anchore", "node"]]
