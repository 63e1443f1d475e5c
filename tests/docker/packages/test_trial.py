"""What a trial of packages would say if they broke: its own eyes, tested without any image."""

from __future__ import annotations

import platform
import struct
import sys
from pathlib import Path

import pytest

from support.packages.binaries import MACHINES, File, platform_of
from support.packages.lists import Package
from support.packages.trial import Ended, compare_loading, compare_work, notices

MACHINE = MACHINES[platform.machine()]
PROGRAM = Path(sys.executable).resolve().read_bytes()
ARM64 = PROGRAM[:18] + struct.pack("<H", 183) + PROGRAM[20:]
MUSL = PROGRAM.replace(b"libc.so.6\0", b"libc.so\0\0\0")
WINDOWS = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PROGRAM, f"{MACHINE} glibc"),
        (ARM64, "EM_AARCH64 glibc"),
        (MUSL, f"{MACHINE} musl or Android"),
        (PROGRAM[:7] + b"\x09" + PROGRAM[8:], f"{MACHINE} ELFOSABI_FREEBSD"),
        (WINDOWS, "Windows"),
        (b"\xcf\xfa\xed\xfe" + bytes(60), "macOS"),
        (b"\xca\xfe\xba\xbe" + struct.pack(">I", 2) + bytes(60), "macOS"),
        (b"\xca\xfe\xba\xbe" + struct.pack(">I", 61) + bytes(60), ""),
        (b"\0asm" + bytes(60), ""),
        (b"\x7fELF", ""),
        (b"", ""),
    ],
    ids=["own", "arm64", "musl", "freebsd", "windows", "mach-o", "fat", "java", "wasm", "cut", "empty"],
)
def test_platforms(data: bytes, told: str) -> None:
    assert platform_of(data) == told


PACKAGE = Package("a", "1.0.0", work="…", prints="42")
LOADED = Ended("exit 0", "import a: x y\nrequire a: x y\nimport a/deep: z\n", "")


def loading_faults(production: Ended, reference: Ended = LOADED) -> list[str]:
    """Return what is said when one image gives this, and the other that."""
    return compare_loading([PACKAGE], {"a": reference}, {"a": production}).faults


def test_equal_outcomes_are_no_fault() -> None:
    assert loading_faults(LOADED) == []
    assert loading_faults(LOADED, Ended("exit 0", f"a tip, another each time\n{LOADED.stdout}", "")) == []


@pytest.mark.parametrize(
    ("production", "said"),
    [
        (Ended("exit 0", "import a: x y\nrequire a: x y\n", "import a/deep: no such file"), "no such file"),
        (Ended("exit 0", LOADED.stdout.replace("x y", "x"), ""), "import a is broken"),
        (Ended("SIGSEGV", "import a: x y\n", ""), "exit 0 there, SIGSEGV"),
        (Ended("hangs", LOADED.stdout, ""), "exit 0 there, hangs"),
        (Ended("exit 1", "", "Error: libx.so: cannot open shared object file"), "cannot open shared object"),
    ],
    ids=["path", "exports", "crash", "hang", "library"],
)
def test_what_breaks_in_production_is_named(production: Ended, said: str) -> None:
    assert said in "\n".join(loading_faults(production))


def test_what_loads_nowhere_is_a_fault_of_the_list() -> None:
    lost = Ended("exit 0", "", "import a: Cannot find package")
    assert loading_faults(lost, lost) == ["a: a loads nowhere: exit 0 import a: Cannot find package"]


@pytest.mark.parametrize("ended", [Ended("exit 0", "41\n", ""), Ended("exit 1", "42\n", "")], ids=["output", "exit"])
def test_work_must_end_well_with_its_output(ended: Ended) -> None:
    good = Ended("exit 0", "42\n", "")
    assert compare_work([PACKAGE], {"a": good}, {"a": good}).faults == []
    assert len(compare_work([PACKAGE], {"a": good}, {"a": ended}).faults) == 1
    assert len(compare_work([PACKAGE], {"a": ended}, {"a": good}).faults) == 1


def test_notices_stay() -> None:
    names = [
        "a/LICENSE",
        "a/THIRD-PARTY-NOTICES.md",
        "a/license.js",
        "a/README.md",
        "b/README.md",
        "b/index.js",
        "gone/LICENSE",
    ]
    assert notices({name: File(1, "") for name in names}, {"a/", "b/"}) == {
        "a/LICENSE",
        "a/THIRD-PARTY-NOTICES.md",
        "b/README.md",
    }
