"""Cruft brings a new service half into a project whose owner has rewritten the other half, without a conflict there."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.baking import SLUG, contents, git_repository, run
from support.combinations import CHOICES
from support.updates import append, first_version, next_version

HALF = ("src/service/", "test/service/")
MINE = "// my own code\n"
# What an owner edits, as docs/design-decisions.md has it.
OWNED = ("src/app", "src/routes", "src/config", "test/app.test")


def create(template: Path, folder: Path, framework: str) -> Path:
    """Run `cruft create`; return the project, in a git repository of its own."""
    result = run(
        "cruft",
        *("create", template, "--no-input", "--output-dir", "out"),
        *("--extra-context", f'{{"framework": "{framework}"}}'),
        cwd=folder,
        home=folder / "home",
    )
    assert result.returncode == 0, result.stderr
    return git_repository(folder / "out" / SLUG)


def rewrite_the_other_half(project: Path) -> list[str]:
    """Give every file of the owner's half another content; return their paths."""
    names = [name for name in contents(project) if name.startswith(("src/", "test/")) and not name.startswith(HALF)]
    for name in names:
        (project / name).write_text(MINE, encoding="utf-8")
    (project / "src" / "mine.js").write_text(MINE, encoding="utf-8")
    git_repository(project, "my own half")
    return names


def change_both_halves(template: Path) -> None:
    """Add a line above and below every source and test, the owner's half included."""
    for path in (template / "templates" / "javascript").rglob("*.js"):
        path.write_bytes(b"// Second version.\n" + path.read_bytes())
        append(path, "// The second version's end.")


@pytest.mark.parametrize(
    "framework",
    [CHOICES["framework"][0], *(pytest.param(name, marks=pytest.mark.full) for name in CHOICES["framework"][1:])],
)
def test_the_service_half_is_the_new_one_and_the_other_half_the_owner_s(tmp_path: Path, framework: str) -> None:
    template = first_version(tmp_path)
    project = create(template, tmp_path, framework)
    owned = rewrite_the_other_half(project)
    assert {name.removesuffix(".js") for name in owned} >= set(OWNED)
    next_version(template, "v2", change_both_halves)

    updated = run("cruft", "update", "--skip-apply-ask", cwd=project, home=tmp_path / "home")
    assert updated.returncode == 0, updated.stdout + updated.stderr

    (tmp_path / "new").mkdir()
    fresh, found = contents(create(template, tmp_path / "new", framework)), contents(project)
    half = [name for name in fresh if name.startswith(HALF)]
    assert len(half) > 10
    assert {name: found.get(name) for name in half} == {name: fresh[name] for name in half}
    assert sorted(name for name in found if name.startswith(HALF)) == sorted(half), "rejected changes lie there"
    assert found["src/mine.js"] == MINE.encode()
    for name in owned:
        assert MINE.encode() in found[name], name
