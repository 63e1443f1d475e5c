"""Which machine code files hold, told by their content alone, and what of it another platform would have to run."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

import docker
from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment

MACHINES = {"x86_64": "EM_X86_64", "aarch64": "EM_AARCH64"}
MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
FAT_MACH_O = b"\xca\xfe\xba\xbe"
# A Java class begins as a fat Mach-O does; its version, where that has the number of its parts, is 45 at least.
FIRST_JAVA = 45


@dataclass(frozen=True)
class File:
    """A regular file of an image: its size, and the platform of its machine code, empty if it has none."""

    size: int
    platform: str


def platform_of(data: bytes) -> str:
    """Return the platform of a file's machine code, such as `EM_X86_64 glibc`, or an empty string."""
    if data[:4] in MACH_O or (data[:4] == FAT_MACH_O and int.from_bytes(data[4:8], "big") < FIRST_JAVA):
        return "macOS"
    header = int.from_bytes(data[0x3C:0x40], "little")
    if data[:2] == b"MZ" and data[header : header + 4] == b"PE\0\0":
        return "Windows"
    if data[:4] == b"\x7fELF":
        try:
            return elf_platform(ELFFile(io.BytesIO(data)))
        except ELFError:
            return ""
    return ""


def elf_platform(elf: ELFFile) -> str:
    """Return the machine of an ELF file, and its C library or, for another system than Linux, that system."""
    machine = str(elf["e_machine"])
    system = str(elf["e_ident"]["EI_OSABI"])
    if system not in ("ELFOSABI_SYSV", "ELFOSABI_LINUX"):
        return f"{machine} {system}"
    loader, needed = "", []
    # By segments: stripped files need not have sections.
    for segment in elf.iter_segments():
        if isinstance(segment, InterpSegment):
            loader = segment.get_interp_name()
        if isinstance(segment, DynamicSegment):
            needed = [getattr(tag, "needed", "") for tag in segment.iter_tags("DT_NEEDED")]
    if "musl" in loader or any(name.startswith("libc.musl") for name in needed):
        return f"{machine} musl"
    if "android" in loader or "/system/bin/linker" in loader or "libc.so" in needed:
        return f"{machine} musl or Android"
    return f"{machine} glibc"


def own_platform(client: docker.DockerClient) -> str:
    """Return what `platform_of` says of this engine's own programs."""
    return f"{MACHINES[client.info()['Architecture']]} glibc"


def files_of(client: docker.DockerClient, image: str, folder: str) -> dict[str, File]:
    """Return every regular file below a folder of an image, by its path in that folder."""
    container = client.containers.create(image, command=["none"])
    try:
        chunks, _ = container.get_archive(folder)
        with tarfile.open(fileobj=Stream(chunks), mode="r|") as archive:
            return {
                member.name.partition("/")[2]: File(member.size, platform_of(content(archive, member)))
                for member in archive
                if member.isfile()
            }
    finally:
        container.remove(force=True)


def content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    """Return the bytes of a file, only the first four of one that holds no machine code."""
    file = archive.extractfile(member)
    assert file is not None
    start = file.read(4)
    is_code = start in (b"\x7fELF", FAT_MACH_O, *MACH_O) or start[:2] == b"MZ"
    return start + file.read() if is_code else start


class Stream(io.RawIOBase):
    """The engine's chunks as one file to read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Read from these chunks."""
        self.chunks = chunks
        self.rest = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""
        parts, missing = [self.rest], size - len(self.rest)
        while missing > 0 and (chunk := next(self.chunks, b"")):
            parts.append(chunk)
            missing -= len(chunk)
        data = b"".join(parts)
        self.rest = data[size:]
        return data[:size]
