"""What is inside the default production image: all that runs, nothing else, and how it is owned."""

from __future__ import annotations

import json
import re
import stat
import tarfile

import docker
import pytest

from benchmarks.figures import ABOVE_NODE_MB
from support.running import ENGINES_OWN, Service, files_of

NODE = "usr/local/bin/node"
# What the engine itself adds to every container's root file system.
ALLOWED = re.compile(
    r"usr/local/(bin/node|LICENSE)"
    r"|etc/(passwd|group|nsswitch\.conf|os-release|ssl/certs/ca-certificates\.crt)"
    r"|lib(64)?/.*\.so[.\d]*"
    r"|var/lib/dpkg/status\.d/[\w.+-]+|usr/share/doc/[\w.+-]+(/copyright)?"
    r"|app/(package\.json|src/.*|node_modules/.*)"
)


@pytest.fixture(scope="module")
def files(default: Service, client: docker.DockerClient) -> dict[str, tarfile.TarInfo]:
    """Every path of the image with its metadata."""
    return files_of(client, default.tag)


def test_every_file_has_a_reason(files: dict[str, tarfile.TarInfo]) -> None:
    unexplained = [
        path
        for path, member in files.items()
        if not member.isdir() and not ENGINES_OWN.fullmatch(path) and not ALLOWED.fullmatch(path)
    ]
    assert unexplained == []


def test_application_is_the_source_as_baked(default: Service, files: dict[str, tarfile.TarInfo]) -> None:
    in_image = {path.removeprefix("app/") for path, m in files.items() if m.isfile() and path.startswith("app/src/")}
    assert in_image == {path for path in default.project.files if path.startswith("src/")}


def test_node_modules_are_the_lockfiles_production_packages(
    default: Service, files: dict[str, tarfile.TarInfo]
) -> None:
    locked = json.loads(default.project.read("package-lock.json"))["packages"]
    production = {path for path, package in locked.items() if path and not package.get("dev")}
    installed = {
        path.removeprefix("app/").removesuffix("/package.json")
        for path in files
        if re.fullmatch(r"app/(node_modules/(@[^/]+/)?[^/]+)(/node_modules/(@[^/]+/)?[^/]+)*/package\.json", path)
    }
    assert installed == production
    assert "node_modules/express" in installed


def test_licences_of_dependencies_are_kept(files: dict[str, tarfile.TarInfo]) -> None:
    assert "app/node_modules/express/LICENSE" in files
    assert "usr/local/LICENSE" in files


def test_every_library_has_metadata_and_licence(files: dict[str, tarfile.TarInfo]) -> None:
    packages = {path.rpartition("/")[2] for path in files if re.match(r"var/lib/dpkg/status\.d/.", path)}
    assert {"libc6", "libstdc++6", "libatomic1", "libgcc-s1"} <= packages
    for package in packages:
        # As in Debian, packages of one source share a folder by a link.
        link = files[f"usr/share/doc/{package}"]
        folder = link.linkname if link.issym() else package
        assert f"usr/share/doc/{folder}/copyright" in files


def test_no_shell_and_no_package_manager(files: dict[str, tarfile.TarInfo]) -> None:
    names = {path.rpartition("/")[2] for path, member in files.items() if not member.isdir()}
    assert not names & {
        "sh",
        "bash",
        "dash",
        "busybox",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "corepack",
        "apt",
        "dpkg",
    }
    assert not [path for path in files if "biome" in path or path.startswith("app/test")]


def test_nothing_is_writable_by_the_service(files: dict[str, tarfile.TarInfo]) -> None:
    for path, member in files.items():
        if ENGINES_OWN.fullmatch(path):
            continue
        assert (member.uid, member.gid) == (0, 0), path
        assert not member.mode & (stat.S_ISUID | stat.S_ISGID), path
        if not member.issym() and path.rstrip("/") not in ("tmp", "data"):
            assert not member.mode & 0o022, path
        if member.isdir():
            assert member.mode & 0o005 == 0o005, path
        elif member.isfile():
            assert member.mode & 0o004, path
    for folder in ("tmp", "data"):
        assert files[folder].mode & 0o7777 == 0o1777


def test_size_budget(client: docker.DockerClient, default: Service, files: dict[str, tarfile.TarInfo]) -> None:
    """Above the stripped Node binary, its libraries and the CA bundle."""
    size = client.containers.run("node:26-trixie", ["stat", "--format", "%s", "/usr/local/bin/node"], remove=True)
    stripped = next(member.size for path, member in files.items() if re.fullmatch(NODE, path))
    assert stripped < int(size) - 10e6
    given = re.compile(rf"{NODE}|lib.*\.so[.\d]*|etc/ssl/certs/ca-certificates\.crt")
    rest = sum(m.size for path, m in files.items() if m.isfile() and not given.fullmatch(path))
    assert rest <= ABOVE_NODE_MB["express"] * 1e6
    total = sum(m.size for m in files.values() if m.isfile())
    assert default.image.attrs["Size"] <= total * 1.02


@pytest.mark.full
def test_keep_spares_what_is_pruned(
    client: docker.DockerClient, project: Service, files: dict[str, tarfile.TarInfo]
) -> None:
    """As the README says, by the line in the Dockerfile: two packages, then all."""
    dockerfile = project.project.path / "Dockerfile"
    before = dockerfile.read_text(encoding="utf-8")
    assert before.count('ARG KEEP=""\n') == 1
    spared = {}
    for keep in ("express pino", "*"):
        dockerfile.write_text(before.replace('ARG KEEP=""', f'ARG KEEP="{keep}"'), encoding="utf-8")
        built = project.project.make("build")
        assert built.returncode == 0, built.stderr
        more = {path for path, member in files_of(client, project.tag).items() if member.isfile()} - set(files)
        spared[keep] = {re.sub(r"app/node_modules/((@[^/]+/)?[^/]+)/.*", r"\1", path) for path in more}
    assert spared["express pino"] == {"express", "pino"}
    assert spared["*"] > {"express", "pino"}
