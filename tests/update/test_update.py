"""What an update does with each kind of edit, what it refuses, and how it is told what it must know."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from extension import answers_file
from node_multi_stage import template as template_module
from support.baking import ROOT, bake, git_repository, not_on_windows, run
from support.updates import (
    ANSWERS,
    PROJECT,
    SLUG,
    Ended,
    append,
    baked,
    contents,
    first_version,
    git,
    new_project,
    next_version,
    prepend,
    update,
)

BINARY = bytes(range(256))


def second(template: Path) -> None:
    """One change of each kind."""
    inside = template / PROJECT
    for name in ("Dockerfile", "compose.yaml", "scripts/run.sh", ".env.example"):
        prepend(inside / name, "# a line of the template")
    append(inside / "package.json", "")
    (inside / "biome.json").unlink()
    (inside / "scripts" / "size.awk").rename(inside / "scripts" / "sizes.awk")
    (inside / "src" / "service").rename(inside / "src" / "kept")
    (inside / "NEW.md").write_text("of the template\n")
    (inside / "logo.png").write_bytes(BINARY[::-1])
    (inside / "scripts" / "dev.sh").chmod(0o755)
    [lockfile] = (template / "templates" / "locks" / "npm").glob("express-javascript/package-lock.json")
    lockfile.write_text(lockfile.read_text().replace('"lockfileVersion": 3', '"lockfileVersion":  3'))


def edit(project: Path) -> None:
    """One edit of each kind, committed; and a file that git does not know."""
    prepend(project / "Dockerfile", "# a line of mine")
    append(project / ".env.example", "# a line of mine")
    (project / "compose.yaml").unlink()
    append(project / "biome.json", "// a line of mine")
    append(project / "scripts" / "size.awk", "# a line of mine")
    (project / "NEW.md").write_text("mine\n")
    (project / "logo.png").write_bytes(BINARY + b"mine")
    (project / "src" / "service" / "mine.js").write_text("// mine\n")
    (project / "scripts" / "run.sh").chmod(0o755)
    append(project / "package-lock.json", " ")
    (project / ".gitignore").write_text((project / ".gitignore").read_text() + "ignored.txt\n")
    git_repository(project, "my work")
    (project / "unknown.txt").write_text("unknown to git\n")
    (project / "ignored.txt").write_text("ignored\n")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a template with two versions, a picture in the first."""
    template = first_version(tmp_path_factory.mktemp("template"))
    (template / PROJECT / "logo.png").write_bytes(BINARY)
    git_repository(template, "a picture")
    git(template, "tag", "--force", "v1")
    next_version(template, "v2", second)
    return template


@pytest.fixture(scope="module")
def of_first_version(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of the first version, to be copied."""
    git(template, "checkout", "--quiet", "v1")
    project = new_project(template, tmp_path_factory.mktemp("project") / "out")
    git(template, "checkout", "--quiet", "v2")
    return project


@pytest.fixture
def project(of_first_version: Path, tmp_path: Path) -> Path:
    """Return a project of the first version, without edits."""
    return shutil.copytree(of_first_version, tmp_path / SLUG)


@pytest.fixture(scope="module")
def updated(of_first_version: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """Return a project with an edit of each kind after its update, and how that ended; first it was only shown."""
    project = shutil.copytree(of_first_version, tmp_path_factory.mktemp("updated") / SLUG)
    edit(project)
    before, state = contents(project), git(project, "status", "--porcelain")
    shown = update(project, template, "--dry-run", "--diff")
    assert (contents(project), git(project, "status", "--porcelain")) == (before, state)
    assert shown.status == 1
    assert "+# a line of the template" in shown.output
    ended = update(project, template)
    assert set(ended.output.splitlines()) - set(shown.output.splitlines()) >= {"Then: make test"}
    assert shown.output.splitlines()[:3] == ended.output.splitlines()[:3]
    return project, ended


def lines_of(ended: Ended, kind: str) -> list[str]:
    """Return what the update's list says about changes of a kind."""
    return [line[16:].strip() for line in ended.output.splitlines() if line[2:17].strip() == kind]


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
    assert "The lockfile is not that of package.json any more: make lock" in ended.output


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


def refused(ended: Ended, project: Path, before: dict[str, bytes]) -> str:
    """Return the line of a refusal, which must have changed nothing."""
    assert ended.status == 2, ended.output
    assert contents(project) == before
    return ended.output.splitlines()[-1]


@pytest.mark.parametrize("staged", [True, False])
def test_unsaved_work_is_not_mixed_with_an_update(project: Path, template: Path, staged: bool) -> None:
    append(project / "Makefile", "# not committed")
    if staged:
        git(project, "add", "Makefile")
    line = refused(update(project, template), project, contents(project))
    assert line == "Nothing was changed: there are changes that are not committed: commit or stash them first"


@pytest.mark.parametrize("ignored", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_file_that_git_does_not_know_is_not_overwritten(project: Path, template: Path, ignored: bool) -> None:
    (project / "NEW.md").write_text("not committed\n")
    if ignored:
        append(project / ".git" / "info" / "exclude", "NEW.md")
    line = refused(update(project, template), project, contents(project))
    assert line.startswith("Nothing was changed: NEW.md is in the way")


@pytest.mark.full
def test_a_folder_that_is_a_link_is_not_written_through(project: Path, template: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / "src" / "kept").symlink_to(tmp_path / "elsewhere")
    line = refused(update(project, template), project, contents(project))
    assert line.startswith(f"Nothing was changed: {Path('src/kept')} is in the way")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.full
def test_a_project_in_no_repository(project: Path, template: Path) -> None:
    """Edits stay there too, and what .gitignore names is not looked at."""
    shutil.rmtree(project / ".git")
    append(project / ".env.example", "# a line of mine")
    prepend(project / "Dockerfile", "# a line of mine")
    (project / "node_modules").mkdir()
    (project / "node_modules" / "x.js").write_text("x\n")
    ended = update(project, template)
    assert ended.status == 1, ended.output
    assert "No git repository holds this project" in ended.output
    environment = (project / ".env.example").read_text()
    assert environment.startswith("# a line of the template\n")
    assert environment.endswith("# a line of mine\n")
    assert (project / "Dockerfile").read_text().startswith("<<<<<<< HEAD\n")
    assert (project / "node_modules" / "x.js").exists()
    assert not (project / ".git").exists()


@pytest.mark.full
def test_a_project_in_a_folder_of_a_repository(project: Path, template: Path, tmp_path: Path) -> None:
    """The rest of the repository may be in any state."""
    shutil.rmtree(project / ".git")
    prepend(project / "Dockerfile", "# a line of mine")
    (tmp_path / "mono" / "services").mkdir(parents=True)
    project = project.rename(tmp_path / "mono" / "services" / "billing")
    (tmp_path / "mono" / "other.txt").write_text("other\n")
    git_repository(tmp_path / "mono")
    append(tmp_path / "mono" / "other.txt", "not committed")
    assert update(project, template).status == 1
    status = git(tmp_path / "mono", "status", "--porcelain").splitlines()
    assert "UU services/billing/Dockerfile" in status
    assert " M other.txt" in status
    assert git(project, "show", ":3:./Dockerfile").startswith("# a line of the template\n")


@pytest.mark.full
def test_from_a_hook_of_git(project: Path, template: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git sets variables there that would lead every command to another repository."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "x").write_text("x\n")
    git_repository(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert update(project, template).status == 0
    monkeypatch.undo()
    assert git(other, "status", "--porcelain") == ""


@pytest.mark.full
def test_a_project_of_cruft(template: Path, tmp_path: Path) -> None:
    """With cruft's file alone, as older bakes have it; cruft finds it up to date afterwards."""
    home = tmp_path / "home"
    command = ("create", template, "--no-input", "--checkout", "v1", "--extra-context", '{"port": "4000"}')
    created = run("cruft", *command, cwd=tmp_path, home=home)
    assert created.returncode == 0, created.stderr
    project = tmp_path / SLUG
    (project / ANSWERS).unlink()
    git_repository(project)
    assert run("cruft", "check", "--checkout", "v2", cwd=project, home=home).returncode == 1
    assert update(project, template, "--answer", "node_version=24").status == 0
    state = json.loads((project / ".cruft.json").read_text())["context"]["cookiecutter"]
    assert (state["node_version"], state["port"]) == ("24", "4000")
    assert json.loads((project / ANSWERS).read_text())["answers"]["port"] == "4000"
    assert "EXPOSE 4000" in (project / "Dockerfile").read_text()
    git_repository(project, "updated")
    for check in (("check", "--checkout", "v2"), ("diff", "--exit-code", "--checkout", "v2")):
        result = run("cruft", *check, cwd=project, home=home)
        assert result.returncode == 0, result.stdout + result.stderr


def test_a_project_older_than_the_file(template: Path, tmp_path: Path) -> None:
    """Version and answers are named once; the next update needs neither."""
    git(template, "checkout", "--quiet", "v1")
    project = new_project(template, tmp_path / "out", project_name="Billing API", language="typescript")
    git(template, "checkout", "--quiet", "v2")
    (project / ANSWERS).unlink()
    append(project / "README.md", "mine")
    git_repository(project, "my work")
    before = contents(project)
    line = refused(update(project, template), project, before)
    assert line.startswith(f"Nothing was changed: there is no {ANSWERS}: name once")
    named = ("--baked-with", "project_name=Billing API", "--baked-with", "language=typescript")
    first = update(project, template, "--from", "v1", *named)
    assert first.status == 0, first.output
    expected = baked(template, tmp_path / "fresh", project_name="Billing API", language="typescript")
    expected["README.md"] += b"mine\n"
    assert contents(project) == expected
    git_repository(project, "updated")
    assert update(project, template).output == "From v2 to v2:\n  nothing changes\n"


def test_a_conversation(project: Path, template: Path, tmp_path: Path) -> None:
    """A bad answer is asked again, a good one makes another plan, and only yes changes anything."""
    before = contents(project)
    for keys in ("", "port=4000\n\n"):
        assert "Nothing was changed." in refused(update(project, template, keys=keys), project, before)
    ended = update(project, template, keys="port=80\nportt=1\nwhat\nport=4000\nyes\n")
    assert ended.status == 0, ended.output
    assert "port: '80' is refused" in ended.output
    assert "portt: there is no such question; try port" in ended.output
    assert "'what' is not question=answer" in ended.output
    assert "answer         port: '3000' becomes '4000'" in ended.output
    assert contents(project) == baked(template, tmp_path / "fresh", port="4000")


@pytest.mark.full
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--answer", "port=80"], "port: '80' is refused: it must be a whole number from 1024 to 65535"),
        (["--answer", "langage=typescript"], "langage: there is no such question; try language"),
        (["--to", "v9"], "v9: the template has no such version, tag or commit"),
        (["--from", "1.2.3+000000000000"], "no commit of the template bakes version 1.2.3+000000000000: name one"),
    ],
    ids=["bad answer", "no question", "no version", "no digest"],
)
def test_refusals_are_one_line(project: Path, template: Path, options: list[str], line: str) -> None:
    ended = update(project, template, *options)
    assert refused(ended, project, contents(project)).startswith(f"Nothing was changed: {line}")
    assert len(ended.output.splitlines()) == 1


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"version": 1}', '{"version": "x", "answers": []}'])
def test_a_damaged_answers_file(project: Path, template: Path, text: str) -> None:
    (project / ANSWERS).write_text(text)
    git_repository(project, "damaged")
    ended = update(project, template)
    refused(ended, project, contents(project))
    assert len(ended.output.splitlines()) == 1


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


@pytest.mark.full
def test_what_people_typed_stays_text(template: Path, tmp_path: Path) -> None:
    """Jinja, quotes, backslashes and other scripts, as they were typed at the questions."""
    git(template, "checkout", "--quiet", "v1")
    typed = "{{ 7 * 7 }} {% raw %} '\\n\" Zoë \U0001f433 }}"
    keys = f"Billing\n\n{typed}\n" + "\n" * 20
    result = run("cookiecutter", "--accept-hooks", "no", template, cwd=tmp_path, home=tmp_path / "home", stdin=keys)
    assert result.returncode == 0, result.stderr
    project = git_repository(tmp_path / "billing")
    git(template, "checkout", "--quiet", "v2")
    assert json.loads((project / ANSWERS).read_text())["answers"]["description"] == typed
    assert (project / ANSWERS).read_bytes().isascii()
    ended = update(project, template)
    assert ended.status == 0, ended.output
    assert json.loads((project / "package.json").read_text())["description"] == typed
    assert json.loads((project / ANSWERS).read_text())["answers"]["description"] == typed


def test_the_version_names_its_commit(template: Path, tmp_path: Path) -> None:
    """What a bake computes from files is what git knows of the commit; another version has another."""
    clone = template_module.Template(str(template), tmp_path)
    git(template, "checkout", "--quiet", "v2")
    written = json.loads(baked(template, tmp_path / "out")[ANSWERS])
    assert written["version"].partition("+")[2] == clone.digest(clone.commit("v2")) != clone.digest(clone.commit("v1"))
    assert list(written) == ["version", "answers"]
    assert clone.describe(clone.commit_that_bakes(written["version"])) == "v2"


def test_the_version_is_that_of_git_alone(tmp_path: Path) -> None:
    """What Python and npm leave in the folders of a clone is no part of it; a release is named before what follows."""
    template = first_version(tmp_path)
    [released] = re.findall(r'^version = "(.+)"$', (template / "pyproject.toml").read_text(), re.MULTILINE)
    git(template, "tag", "--annotate", "--message", "released", f"v{released}")
    (template / "README.md").write_text("only documentation\n")
    git_repository(template, "documentation")
    for left in ("extension/__pycache__/x.pyc", "templates/typescript/node_modules/x/index.js"):
        (template / left).parent.mkdir(parents=True)
        (template / left).write_text("left\n")
    version = json.loads(baked(template, tmp_path / "out")[ANSWERS])["version"]
    clone = template_module.Template(str(template), tmp_path)
    assert clone.commit_that_bakes(version) == clone.commit("v1")
    assert (answers_file.DECIDING, answers_file.DIGITS) == (template_module.DECIDING, template_module.DIGITS)


def test_the_version_is_that_of_pyproject(tmp_path: Path) -> None:
    """One place; the changelog has a section for it, or what is to come."""
    [released] = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    version = json.loads(bake(tmp_path).read(ANSWERS))["version"]
    assert version.split("+")[0] == released
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12}", version)
    assert f"\n## {released} - 20" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


COMMAND = "uvx --from git+https://github.com/org/node-multi-stage node-multi-stage update"


def test_every_page_names_the_same_command(tmp_path: Path) -> None:
    """One command: in the README, in its page, and in the project."""
    pages = [
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/updates.md", "docs/migrating.md")
    ]
    for page in (*pages, bake(tmp_path).read("README.md")):
        assert re.search(rf"^{re.escape(COMMAND)}( \\)?$", page, re.MULTILINE)


@pytest.mark.full
def test_the_documented_command_from_a_clone(project: Path, template: Path, tmp_path: Path) -> None:
    """As a newcomer runs it, in an empty home, without Docker: uv builds it from the clone it is given."""
    home = tmp_path / "home"
    path = os.pathsep.join([str(Path(shutil.which("uv") or "uv").parent), os.environ["PATH"]])
    line = COMMAND.replace("git+https://github.com/org/node-multi-stage", f"git+{template.as_uri()}").split()
    shown = run(*line, "--dry-run", cwd=project, home=home, PATH=path, DOCKER_HOST="tcp://127.0.0.1:1")
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, "From v1 to v2:"), shown.stderr
    line[2] = str(template)
    ended = run(*line, cwd=project, home=home, PATH=path, stdin="y\n")
    assert ended.returncode == 0, ended.stderr
    assert contents(project) == baked(template, tmp_path / "fresh")
