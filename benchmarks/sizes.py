"""Takes the measure of images: megabytes, compressed megabytes, files, packages that a scanner would list."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import zlib
from collections.abc import Sequence
from typing import IO

import zstandard

from benchmarks.builds import Builder
from benchmarks.commands import Progress, run
from benchmarks.samples import Samples
from benchmarks.variants import Variant

CHUNK = 1 << 20
ZSTD_LEVEL = 19
GZIP_LEVEL = 6  # what `docker push` uses
NPM_PACKAGE = re.compile(r"(?:^|/)node_modules/(?:@[^/]+/)?[^/@]+/package\.json$")
DPKG = re.compile(r"^var/lib/dpkg/(?:status$|status\.d/)")


def measure_sizes(builder: Builder, variants: Sequence[Variant], samples: Samples) -> None:
    """Take `image_mb`, `files` and `packages`, once."""
    progress = Progress("sizes", len(variants))
    for variant in variants:
        progress.step(variant.label)
        image = builder.image(variant)
        size = float(run("docker", "image", "inspect", "--format", "{{.Size}}", image))
        samples.add("image_mb", variant.key, size / 1e6)
        files, packages = contents(image)
        samples.add("files", variant.key, files)
        samples.add("packages", variant.key, packages)


def measure_downloads(builder: Builder, variants: Sequence[Variant], samples: Samples) -> None:
    """Take `gzip_mb` and `zstd_mb`, once; a layer that images share is compressed once."""
    progress = Progress("compressed sizes", len(variants))
    known: dict[str, tuple[int, int]] = {}
    for variant in variants:
        progress.step(variant.label)
        gzip, zstd = compressed(builder.image(variant), known)
        samples.add("gzip_mb", variant.key, gzip / 1e6)
        samples.add("zstd_mb", variant.key, zstd / 1e6)


def contents(image: str) -> tuple[int, int]:
    """Return the numbers of files and of Debian and npm packages in an image's root file system."""
    name = run("docker", "create", image, "none")
    try:
        with subprocess.Popen(["docker", "export", name], stdout=subprocess.PIPE) as export:
            assert export.stdout is not None
            with tarfile.open(fileobj=export.stdout, mode="r|") as archive:
                return count(archive)
    finally:
        run("docker", "rm", name)


def count(archive: tarfile.TarFile) -> tuple[int, int]:
    """Return the numbers of files, and of package records, in a root file system."""
    files = packages = 0
    for member in archive:
        if member.isdir():
            continue
        files += 1
        path = member.name.removeprefix("./")
        if NPM_PACKAGE.search(path):
            packages += 1
        elif DPKG.search(path) and not path.endswith(".md5sums"):
            text = archive.extractfile(member)
            packages += len(re.findall(rb"^Package: ", text.read(), re.MULTILINE)) if text else 0
    return files, packages


def compressed(image: str, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Return what a pull of all layers transfers, as gzip and as zstd, in bytes.

    `known` keeps the result of a layer by its digest: bases are shared.
    """
    total = [0, 0]
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
        assert save.stdout is not None
        with tarfile.open(fileobj=save.stdout, mode="r|") as archive:
            for member in archive:
                data = archive.extractfile(member) if member.isfile() else None
                if data is None or member.name.endswith(".json") or member.size < 1024:
                    continue
                sizes = compress_layer(data, known)
                total = [a + b for a, b in zip(total, sizes, strict=True)]
    return total[0], total[1]


def compress_layer(data: IO[bytes], known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Return one layer's gzip and zstd sizes in bytes; (0, 0) for a file that is no layer."""
    first = data.read(CHUNK)
    if b"ustar" not in first[257:263]:  # a manifest or a configuration
        return 0, 0
    content = first + data.read()
    digest = hashlib.sha256(content).hexdigest()
    if digest not in known:
        gzip = zlib.compressobj(GZIP_LEVEL, wbits=31)
        zipped = sum(len(gzip.compress(content[at : at + CHUNK])) for at in range(0, len(content), CHUNK))
        compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, threads=-1)
        known[digest] = (zipped + len(gzip.flush()), len(compressor.compress(content)))
    return known[digest]
