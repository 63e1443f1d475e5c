"""Takes the measure of images: megabytes, compressed megabytes, files, packages, binaries of other platforms."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress, run
from benchmarks.samples import Samples
from benchmarks.variants import Variant
from support.packages.binaries import MACHINES, content, platform_of

CHUNK = 1 << 20
GZIP_LEVEL = 6  # what `docker push` uses
NPM_PACKAGE = re.compile(r"(?:^|/)node_modules/(?:@[^/]+/)?[^/@]+/package\.json$")
DPKG = re.compile(r"^var/lib/dpkg/(?:status$|status\.d/)")


@dataclass
class Contents:
    """Of an image's root file system: files, Debian and npm packages, bytes of packages' code for other platforms."""

    files: int = 0
    packages: int = 0
    foreign: int = 0


def measure_sizes(builder: Builder, variants: Sequence[Variant], samples: Samples) -> None:
    """Take `image_mb`, `files`, `packages` and `foreign_mb`, once."""
    progress = Progress("sizes", len(variants))
    for variant in variants:
        progress.step(variant.label)
        image = builder.image(variant)
        size = float(run("docker", "image", "inspect", "--format", "{{.Size}}", image))
        samples.add("image_mb", variant.key, size / 1e6)
        found = contents(image)
        samples.add("files", variant.key, found.files)
        samples.add("packages", variant.key, found.packages)
        samples.add("foreign_mb", variant.key, found.foreign / 1e6)


def measure_downloads(builder: Builder, variants: Sequence[Variant], samples: Samples) -> None:
    """Take `gzip_mb`, once; a layer that images share is compressed once."""
    progress = Progress("compressed sizes", len(variants))
    known: dict[str, int] = {}
    for variant in variants:
        progress.step(variant.label)
        samples.add("gzip_mb", variant.key, compressed(builder.image(variant), known) / 1e6)


def contents(image: str) -> Contents:
    """Return what an image's root file system holds."""
    name = run("docker", "create", image, "none")
    try:
        with archive_from("docker", "export", name) as archive:
            return count(archive, f"{MACHINES[platform.machine()]} glibc")
    finally:
        run("docker", "rm", name)


@contextmanager
def archive_from(*command: str) -> Iterator[tarfile.TarFile]:
    """Give the tar archive that a command writes to its stdout; raises BenchmarkError if it fails or writes none."""
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                yield archive
            while process.stdout.read(CHUNK):  # what follows the archive's end: a closed pipe would fail the command
                pass
    except tarfile.ReadError as error:
        raise BenchmarkError(f"{' '.join(command)}: {error}") from error
    if process.returncode:
        raise BenchmarkError(f"{' '.join(command)}: exit code {process.returncode}")


def count(archive: tarfile.TarFile, own: str) -> Contents:
    """Return what a root file system holds; `own` is the platform that can run in it."""
    found = Contents()
    for member in archive:
        if member.isdir():
            continue
        found.files += 1
        path = member.name.removeprefix("./")
        if NPM_PACKAGE.search(path):
            found.packages += 1
        elif DPKG.search(path) and not path.endswith(".md5sums"):
            text = archive.extractfile(member)
            found.packages += len(re.findall(rb"^Package: ", text.read(), re.MULTILINE)) if text else 0
        if member.isfile() and "node_modules/" in path and platform_of(content(archive, member)) not in ("", own):
            found.foreign += member.size
    return found


def compressed(image: str, known: dict[str, int]) -> int:
    """Return what a pull of all layers transfers, as gzip, in bytes.

    `known` keeps the result of a layer by its digest: bases are shared.
    """
    total = 0
    with archive_from("docker", "save", image) as archive:
        for member in archive:
            data = archive.extractfile(member) if member.isfile() else None
            if data is not None and not member.name.endswith(".json") and member.size >= 1024:
                total += compress_layer(data, known)
    return total


def compress_layer(data: IO[bytes], known: dict[str, int]) -> int:
    """Return one layer's size as gzip in bytes; 0 for a file that is no layer."""
    first = data.read(CHUNK)
    if b"ustar" not in first[257:263]:  # a manifest or a configuration
        return 0
    layer = first + data.read()
    digest = hashlib.sha256(layer).hexdigest()
    if digest not in known:
        gzip = zlib.compressobj(GZIP_LEVEL, wbits=31)
        zipped = sum(len(gzip.compress(layer[at : at + CHUNK])) for at in range(0, len(layer), CHUNK))
        known[digest] = zipped + len(gzip.flush())
    return known[digest]
