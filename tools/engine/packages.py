"""Fetches the engine's distribution packages and unpacks them into the cache; nothing gets installed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from engine.locks import exclusive
from engine.machine import Paths, os_release
from engine.sources import Source, archive, machine_sources
from engine.steps import EngineError, call, step

# Debian 13's engine needs only libc 2.34; its runc, tini and containerd need a newer libc than Debian 12's.
DEBIAN_SUITE = "trixie"
FROM_SUITE = "docker.io docker-cli docker-buildx docker-compose debian-archive-keyring"
COMMON = (
    "docker.io",
    "containerd",
    "runc",
    "iptables",
    "iproute2",
    "debootstrap",
    "debian-archive-keyring",
    "wget",
    "gpgv",
)
NAMES = {
    "debian": (*COMMON, "docker-cli", "docker-buildx", "docker-compose", "tini"),
    "ubuntu": (*COMMON, "docker-buildx", "docker-compose-v2", "tini"),
}
BUILDER = "another run that prepares packages or images"
BUILD_LIMIT = 1800.0  # seconds; the longest that another run may build packages or images


@dataclass(frozen=True)
class Request:
    """What to fetch from where: package names, apt sources (deb822) and apt preferences."""

    names: tuple[str, ...]
    sources: str
    preferences: str


def request(release: dict[str, str], sources: list[Source]) -> Request:
    """What this distribution needs.

    Raises:
        EngineError: the machine's apt sources name no archive of the distribution.
    """
    distribution, suite = release["ID"], release.get("VERSION_CODENAME", "")
    own = archive(sources, suite)
    if own is None:
        raise EngineError(f"this machine's apt sources name no archive for {suite}: add one, then try again")
    updates = [f"{suite}-updates", f"{suite}-security"]
    stanzas = [own, *(found for name in updates if (found := archive(sources, name)))]
    preferences = ""
    if distribution == "ubuntu":
        stanzas += [source for source in sources if suite in source.suites and "universe" in source.components]
    elif suite == "bookworm":
        stanzas += [source.for_suites(source.suites[0].replace(suite, DEBIAN_SUITE)) for source in stanzas]
        preferences = (
            f"Package: *\nPin: release n={DEBIAN_SUITE}*\nPin-Priority: 50\n\n"
            f"Package: {FROM_SUITE}\nPin: release n={DEBIAN_SUITE}*\nPin-Priority: 600\n"
        )
    return Request(NAMES[distribution], "\n".join(source.stanza() for source in stanzas), preferences)


def ensure(paths: Paths) -> None:
    """Unpack the packages into `paths.root`, unless those of this very request are there already.

    Raises:
        EngineError: apt finds or reaches no archive, or there is no room.
    """
    with exclusive(paths.lock("build"), BUILDER, BUILD_LIMIT):
        unpack(paths)


def unpack(paths: Paths) -> None:
    """Do the work of `ensure`; the caller holds the `build` lock."""
    wanted = request(os_release(), machine_sources())
    note = json.dumps([wanted.names, wanted.sources, wanted.preferences])
    marker = paths.root / ".request"
    if marker.is_file() and marker.read_text() == note:
        return
    paths.base.mkdir(parents=True, exist_ok=True)
    work = paths.base / "packages.new"
    shutil.rmtree(work, ignore_errors=True)
    try:
        archives = fetch(wanted, work)
        with step(f"unpacked {len(archives)} packages"):
            for deb in archives:
                call(["dpkg-deb", "--extract", deb, work / "root"])
            link_iptables(work / "root")
        (work / "root" / ".request").write_text(note)
        shutil.rmtree(paths.root, ignore_errors=True)
        (work / "root").rename(paths.root)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def fetch(wanted: Request, work: Path) -> list[Path]:
    """Download the packages, and those libraries of theirs that this machine lacks, into `work`.

    apt checks the archive's signature and every package's hash. Its own lists, caches and locks stay
    untouched; the machine's list of installed packages is only read.
    """
    for folder in ("lists/partial", "archives/partial", "parts"):
        (work / folder).mkdir(parents=True)
    (work / "parts" / "engine.sources").write_text(wanted.sources)
    (work / "preferences").write_text(wanted.preferences)
    options = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": work / "parts",
        "Dir::Etc::Preferences": work / "preferences",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work,
        "Dir::Cache::archives": work / "archives",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    # Hooks of the host (PackageKit and the like) must not run for our lists.
    configuration = "#clear APT::Update::Post-Invoke-Success;\n#clear APT::Update::Post-Invoke;\n"
    configuration += "".join(f'{name} "{value}";\n' for name, value in options.items())
    (work / "apt.conf").write_text(configuration)
    env = {
        **os.environ,
        "APT_CONFIG": str(work / "apt.conf"),
        "LC_ALL": "C",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    with step("read the package lists"):
        call(["apt-get", "update", "--quiet", "-o", "APT::Update::Error-Mode=any"], env=env, timeout=300)
    with step("fetched the engine's packages"):
        install = ["apt-get", "install", "--quiet", "--yes", "--download-only", "--no-install-recommends"]
        # --reinstall: also those that the machine has, perhaps in another version.
        call([*install, "--reinstall", "--allow-downgrades", *wanted.names], env=env, timeout=900)
    return sorted((work / "archives").glob("*.deb"))


def link_iptables(root: Path) -> None:
    """Make the links that the package's installation script would make."""
    sbin = root / "usr" / "sbin"
    for name in ("iptables", "ip6tables"):
        for suffix in ("", "-save", "-restore"):
            link = sbin / f"{name}{suffix}"
            if not link.exists() and not link.is_symlink():
                link.symlink_to("xtables-nft-multi")


def program(paths: Paths, name: str) -> Path:
    """Where the packages have one of their programs; the folder differs between distributions."""
    found = shutil.which(name, path=":".join(str(folder) for folder in binaries(paths)))
    if found is None:
        raise EngineError(f"the distribution's packages contain no {name}")
    return Path(found)


def binaries(paths: Paths) -> list[Path]:
    """The folders of the unpacked programs."""
    return [paths.root / folder for folder in ("usr/sbin", "usr/bin", "sbin", "bin")]


def run_env(paths: Paths) -> dict[str, str]:
    """Environment in which the unpacked programs find each other, their libraries and plugins."""
    root = paths.root
    triplet = f"{os.uname().machine}-linux-gnu"
    libraries = [root / "usr" / "lib" / triplet, root / "lib" / triplet]
    system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    xtables = next((folder / "xtables" for folder in libraries if (folder / "xtables").is_dir()), None)
    return {
        **os.environ,
        "PATH": ":".join([*map(str, binaries(paths)), *system]),
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "DEBOOTSTRAP_DIR": str(root / "usr" / "share" / "debootstrap"),
        **({"XTABLES_LIBDIR": str(xtables)} if xtables else {}),
    }
