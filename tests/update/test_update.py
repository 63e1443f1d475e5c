"""What an update does with each kind of edit, and that it leaves nothing else behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.baking import contents, git_repository, not_on_windows, run
from support.commands import Ended
from support.updates import BINARY, append, baked, git, lines_of, update


def test_conflicts_are_git_s(updated: tuple[Path, Ended]) -> None:
    project, ended = updated
    assert ended.status == 1
    conflicts = ["Dockerfile", "NEW.md", "biome.json", "logo.png"]
    assert git(project, "diff", "--name-only", "--diff-filter=U").split() == conflicts
    assert [line.split()[0] for line in lines_of(ended, "conflict")] == conflicts
    dockerfile = (project / "Dockerfile").read_text()
    marked = "<<<<<<< HEAD\n# a line of mine\n=======\n# a line of the template\n>>>>>>> template-v2\n"
    assert dockerfile.startswith(marked)
    assert (project / "NEW.md").read_text() == "<<<<<<< HEAD\nmine\n=======\nof the template\n>>>>>>> template-v2\n"
    assert git(project, "show", ":1:Dockerfile") == git(project, "show", "HEAD~1:Dockerfile")
    commit = run("git", "commit", "--quiet", "--message", "x", cwd=project, home=project.parent / "home")
    assert commit.returncode != 0


def test_what_merged_is_staged(updated: tuple[Path, Ended]) -> None:
    project, _ = updated
    status = git(project, "status", "--porcelain").splitlines()
    assert "R  scripts/size.awk -> scripts/sizes.awk" in status
    assert "M  .env.example" in status
    assert "?? unknown.txt" in status
    assert [line for line in status if line[1] not in " UAD?"] == []


def test_deleted_files(updated: tuple[Path, Ended]) -> None:
    """What the owner deleted stays so, and that is said; what the template deleted and the owner edited stays."""
    project, ended = updated
    assert not (project / "compose.yaml").exists()
    assert lines_of(ended, "stays deleted") == ["compose.yaml (the template has changed it)"]
    assert (project / "biome.json").read_text().endswith("// a line of mine\n")


def test_moved_files(updated: tuple[Path, Ended]) -> None:
    """Edits follow; a file of the owner stays where it was put."""
    project, _ = updated
    assert not (project / "scripts" / "size.awk").exists()
    assert (project / "scripts" / "sizes.awk").read_text().endswith("# a line of mine\n")
    assert [path.name for path in (project / "src" / "service").iterdir()] == ["mine.js"]
    assert (project / "src" / "kept" / "server.js").exists()


def test_binary_files(updated: tuple[Path, Ended]) -> None:
    project, _ = updated
    assert (project / "logo.png").read_bytes() == BINARY + b"mine"
    git(project, "checkout", "--theirs", "logo.png")
    assert (project / "logo.png").read_bytes() == BINARY[::-1]


@not_on_windows("mode bits")
def test_mode_bits(updated: tuple[Path, Ended]) -> None:
    """The owner's are kept, the template's new ones arrive, under the umask of whoever updates."""
    project, _ = updated
    modes = {name: (project / "scripts" / name).stat().st_mode & 0o777 for name in ("run.sh", "dev.sh", "pin.sh")}
    assert modes == {"run.sh": 0o755, "dev.sh": 0o755, "pin.sh": 0o644}


def test_the_owner_s_lockfile_is_kept(updated: tuple[Path, Ended]) -> None:
    """Both sides changed it: only the package manager can merge it."""
    project, ended = updated
    assert git(project, "diff", "--name-only", "HEAD", "--", "package-lock.json") == ""
    assert lines_of(ended, "yours stays") == ["package-lock.json (the template has changed it, too)"]
    assert "The lockfile no longer matches package.json: make lock" in ended.output


def test_what_git_does_not_know_is_left_alone(updated: tuple[Path, Ended]) -> None:
    project, _ = updated
    assert (project / "unknown.txt").read_text() == "unknown to git\n"
    assert (project / "ignored.txt").read_text() == "ignored\n"


@pytest.mark.full
def test_nothing_is_left_behind_and_reset_takes_it_back(project: Path, template: Path) -> None:
    before = contents(project)
    assert update(project, template).status == 0
    assert contents(project) != before
    git(project, "reset", "--quiet", "--hard")
    assert contents(project) == before
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.full
def test_an_update_without_edits_is_a_new_bake(project: Path, template: Path, tmp_path: Path) -> None:
    """And then there is nothing more to do."""
    assert update(project, template).status == 0
    assert contents(project) == baked(template, tmp_path / "fresh")
    git_repository(project, "updated")
    again = update(project, template)
    assert again == Ended(0, "From v2 to v2:\n  nothing changes\n")


@pytest.mark.full
def test_another_package_manager(project: Path, template: Path) -> None:
    """The old lockfile goes although the owner changed it; the new one is the template's, so `make lock`."""
    append(project / "package-lock.json", " ")
    (project / "package.json").write_text(
        (project / "package.json").read_text().replace('"private"', '"mine": 1,"private"')
    )
    git_repository(project, "my work")
    ended = update(project, template, "--answer", "package_manager=pnpm")
    assert not (project / "package-lock.json").exists()
    assert (project / "pnpm-lock.yaml").exists()
    assert "package-lock.json" not in lines_of(ended, "conflict")
    assert "make lock" in ended.output
