"""Windows and macOS: names, line ends, and their oldest tools, as far as Linux can tell."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from support.baking import ROOT, Bake, copy_of_template, git_repository, run, tree
from support.combinations import every_combination
from support.expected_files import expected_files

FORBIDDEN_ON_WINDOWS = re.compile(r'[<>:"\\|?*\x00-\x1f]|[. ]$')
# Windows takes 260 characters for a whole path; the folder of a clone may well have 100.
LONGEST = 150
# macOS comes with GNU make 3.81, which reads these without a word as something else.
NEWER_THAN_MAKE_3_81 = re.compile(r"^\.ONESHELL|^undefine |^\w+ *(!=|::=|:::=)|\$\((file|intcmp|let) ", re.MULTILINE)


def check_names(paths: list[str]) -> None:
    """Fail the test for a name that some file system refuses or takes for another."""
    assert len(paths) > 25
    folded = Counter(path.casefold() for path in paths)
    assert [path for path, number in folded.items() if number > 1] == [], "differ only in case"
    assert [path for path in paths if not path.isascii() or len(path) > LONGEST] == []
    assert [path for path in paths for part in path.split("/") if FORBIDDEN_ON_WINDOWS.search(part)] == []


def check_windows_checkout(repository: Path, folder: Path) -> None:
    """Fail the test if Git for Windows, by its default setting, would change a byte of a committed tree."""
    windows = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf")
    cloned = run("git", "clone", "--quiet", *windows, repository, folder, cwd=repository, home=folder.parent / "home")
    assert cloned.returncode == 0, cloned.stderr
    # Compared by bytes alone: modes follow the umask.
    committed, checkout = ({k: data for k, (_, data) in tree(f).items() if not is_git(k)} for f in (repository, folder))
    assert checkout == committed


def is_git(path: str) -> bool:
    """Whether a path belongs to git itself."""
    return path == ".git" or path.startswith(".git/")


def test_names_in_a_project() -> None:
    check_names(sorted({path for answers in every_combination() for path in expected_files({**answers})}))


def test_names_in_the_template(tmp_path: Path) -> None:
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT, home=tmp_path)
    check_names(sorted(filter(None, listed.stdout.split("\0"))))


def test_windows_checkout_of_a_project(bake: Bake, tmp_path: Path) -> None:
    check_windows_checkout(git_repository(bake().path), tmp_path / "clone")


def test_windows_checkout_of_the_template(tmp_path: Path) -> None:
    check_windows_checkout(git_repository(copy_of_template(tmp_path)), tmp_path / "clone")


def test_makefiles_are_for_the_make_of_macos(bake: Bake) -> None:
    assert NEWER_THAN_MAKE_3_81.search("NAME != uname\n")
    for orchestrator in ("none", "kubernetes", "swarm"):
        assert not NEWER_THAN_MAKE_3_81.search(bake(orchestrator=orchestrator).read("Makefile"))
