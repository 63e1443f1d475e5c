"""Makes the root file system of debian:trixie-slim with debootstrap, as the official image's recipe does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from engine import packages
from engine.machine import Paths, os_release
from engine.recipes import DEBIAN_FILES, SUITE
from engine.sources import archive, machine_sources
from engine.steps import EngineError, call


def root_archive(paths: Paths, work: Path, architecture: str = "") -> Path:
    """A tar file in `work`: debootstrap's smallest variant without documentation, lists and caches.

    `architecture` is Debian's name of another than the machine's, which the kernel must be able to run.

    Raises:
        EngineError: not root, no Debian mirror known, or debootstrap failed.
    """
    if os.geteuid() != 0:
        raise EngineError("no registry answers, and building stand-ins for the base images needs root")
    if not paths.root.is_dir():
        packages.unpack(paths)
    mirror, keyring, sources = debian_mirror(paths)
    root = work / "root"
    tools = packages.run_env(paths)
    # In namespaces of its own: when it is interrupted, its processes and mounts are gone at once.
    namespace: list[str | Path] = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    bootstrap: list[str | Path] = [
        packages.program(paths, "debootstrap"),
        "--variant=minbase",
        f"--keyring={keyring}",
        *([f"--arch={architecture}"] if architecture else []),
    ]
    # An older debootstrap does not know the suite; all newer Debian suites have this one script.
    script = paths.root / "usr/share/debootstrap/scripts/sid"
    call([*namespace, *bootstrap, SUITE, root, mirror, script], env=tools)
    slim(root, sources)
    tar = work / "root.tar"
    # The engine makes /dev itself.
    pack: list[str | Path] = ["tar", "--create", "--numeric-owner", "--exclude=./dev/*"]
    call([*pack, f"--file={tar}", f"--directory={root}", "."])
    return tar


def debian_mirror(paths: Paths) -> tuple[str, str, str]:
    """Mirror, keyring and the image's apt sources, from this machine's sources or from DEBIAN_MIRROR.

    Raises:
        EngineError: the machine has no Debian source (it is another distribution) and names none.
    """
    codename = os_release().get("VERSION_CODENAME", "")
    configured = machine_sources()
    own = archive(configured, codename) if os_release().get("ID") == "debian" else None
    named = os.environ.get("DEBIAN_MIRROR")
    keyring = next((paths.root / "usr/share/keyrings").glob("debian-archive-keyring.[gp]*"))
    if named:
        mirror = named
    elif own is not None and own.uris[0].startswith(("http://", "https://", "file:")):
        mirror = own.uris[0]
        signed_by = own.options.get("Signed-By", "")
        # A mirror that re-signs the archive names its own key; the distribution's is taken from the newest package.
        if signed_by.startswith("/") and "debian-archive" not in signed_by:
            keyring = Path(signed_by)
    else:
        raise EngineError("no registry answers, and no Debian mirror is known: set DEBIAN_MIRROR to one")
    lines = [f"deb {mirror} {suite} main" for suite in (SUITE, f"{SUITE}-updates")]
    security = archive(configured, f"{codename}-security")
    if own is not None and security is not None:
        lines.append(f"deb {security.uris[0]} {SUITE}-security main")
    return mirror, str(keyring), "".join(f"{line}\n" for line in lines)


def slim(root: Path, sources: str) -> None:
    """Take out of a fresh Debian root what the slim image lacks."""
    for pattern in ("info", "lintian", "locale", "man"):
        shutil.rmtree(root / "usr/share" / pattern, ignore_errors=True)
    documents = root / "usr/share/doc"
    for path in documents.rglob("*"):
        # A link from one package's folder to another's leads to the licence.
        link = path.is_symlink() and path.parent != documents
        if link or (path.is_file() and not path.is_symlink() and path.name != "copyright"):
            path.unlink()
    for folder in ("var/lib/apt/lists", "var/cache/apt", "var/cache/debconf", "var/log/apt", "run"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder).mkdir()
    for name in ("var/log/dpkg.log", "var/log/bootstrap.log", "var/log/alternatives.log", "etc/hostname"):
        (root / name).unlink(missing_ok=True)
    for name, text in {**DEBIAN_FILES, "etc/apt/sources.list": sources}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    (root / "etc/resolv.conf").write_text("")
