"""An application of the tests, and how it moves into a new project: as docs/bring-your-app.md says, step by step."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.baking import ROOT, git_repository
from support.moved_in.guide import set_as_shown

FOLDER = ROOT / "tests" / "docker" / "moved_in" / "applications"
# What the guide takes over from the application's package.json; of scripts, all but those that are the project's.
FIELDS = ("version", "dependencies", "devDependencies", "overrides", "workspaces", "imports", "allowScripts")
PROJECTS_SCRIPTS = ("start", "dev", "build")
# The guide's table of copies: neither copied, nor copied whole.
NOT_AS_THEY_ARE = ("src", "test", "package.json", "docker-compose.yml")
# The setting that says where its own server answers health checks.
HEALTH = "A path for health checks"
# Where an application's own code is, and what dependencies are locked in.
OWNERS = ("src", "test", "package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock")


@dataclass(frozen=True)
class Set:
    """A setting of the guide: its heading, and what stands in place of the names that it shows."""

    heading: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Application:
    """One that exists already, in a folder of its name.

    `entry` is what its own server begins with; "" if it moves behind the template's server, then its `app` is named
    like it. `package` is the folder of the service, if it is one of a workspace. `limit` is how many lines of the
    project may differ.
    """

    name: str
    answers: Mapping[str, str]
    settings: tuple[Set, ...]
    entry: str = ""
    limit: int = 10
    package: str = "."
    allowed_scripts: Mapping[str, bool] = field(default_factory=dict)
    scripts_instead: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return FOLDER / self.name

    @property
    def health(self) -> str:
        """The path that answers 200 when it can serve."""
        own = [setting.names.get("/health", "/health") for setting in self.settings if setting.heading == HEALTH]
        return own[0] if own else "/readyz"

    @property
    def service(self) -> Path:
        """Where the files of the service are."""
        return self.folder / self.package

    @property
    def manifest(self) -> dict[str, Any]:
        """The service's package.json, and that of the workspace that it is in."""
        files = (self.folder / "package.json", self.service / "package.json")
        workspace, own = (json.loads(file.read_text(encoding="utf-8")) for file in files)
        return {**workspace, **own}

    @property
    def type(self) -> str:
        """The module system of its sources."""
        return str(self.manifest.get("type", "commonjs"))

    @property
    def scripts(self) -> dict[str, str]:
        """The scripts that it brings: all but those that are the project's, some as a test can run them."""
        own = {name: script for name, script in self.manifest["scripts"].items() if name not in PROJECTS_SCRIPTS}
        return {**own, **self.scripts_instead}


def copy(application: Application, project: Path) -> None:
    """Copy what the guide's table says; of tests, those of the template's own half stay if they can."""
    extension = "ts" if application.answers.get("language") == "typescript" else "js"
    shutil.rmtree(project / "test")
    shutil.copytree(application.service / "test", project / "test")
    if application.entry:
        for path in (project / "src").glob("*.*"):
            path.unlink()
        shutil.copytree(application.service / "src", project / "src", dirs_exist_ok=True)
        entry = project / "src" / f"server.{extension}"
        if application.entry != entry.name:
            load = "import './{}';\n" if extension == "ts" else "require('./{}');\n"
            entry.write_text(load.format(application.entry), encoding="utf-8")
    else:
        (project / "src" / f"routes.{extension}").unlink()
        if application.type == "module":
            copy_beside(application, project, f"app.{extension}", f"{application.name}.{extension}")
        else:
            copy_commonjs(application, project)
    for path in application.folder.iterdir():
        if path.name in NOT_AS_THEY_ARE:
            continue
        if path.is_dir():
            # A bake without its hook leaves empty folders where no answer put a file.
            shutil.copytree(path, project / path.name, dirs_exist_ok=True)
        else:
            shutil.copy(path, project / path.name)
    if application.service != application.folder:
        shutil.rmtree(project / application.package)
    services = application.folder / "docker-compose.yml"
    if services.is_file():
        text = re.sub(r"^  api:\n(    .*\n|\n)+", "", services.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (project / "compose.override.yaml").write_text(text, encoding="utf-8")


def copy_beside(application: Application, project: Path, taken: str, name: str) -> None:
    """Copy its sources, less what listens, to the template's; one whose name is taken is known by another one."""
    source = application.service / "src"
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        relative = path.relative_to(source)
        if relative.stem == "index" and relative.parent == Path():
            continue
        target = project / "src" / (name if str(relative) == taken else relative)
        assert not target.exists(), f"{application.name} has two files {target.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for path in (*(project / "src").glob("*.*"), *(project / "test").glob("*.*")):
        text = path.read_text(encoding="utf-8")
        if path.name != f"server.{taken.rpartition('.')[2]}":
            path.write_text(text.replace(f"/{taken}'", f"/{name}'"), encoding="utf-8")


def copy_commonjs(application: Application, project: Path) -> None:
    """Copy its sources, less what listens, into a folder below the template's; they and its tests keep their kind."""
    folder = project / "src" / application.name
    shutil.copytree(application.service / "src", folder)
    (folder / "index.js").unlink()
    for kind in (folder, project / "test"):
        (kind / "package.json").write_text('{ "type": "commonjs" }\n', encoding="utf-8")
    for path in (project / "test").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("'../src/", f"'../src/{application.name}/"), encoding="utf-8")


def merge_manifests(application: Application, project: Path) -> None:
    """Take over what the guide says of the application's package.json."""
    own = application.manifest
    path = project / "package.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if application.entry:
        manifest["type"] = application.type
    for name in FIELDS:
        if name not in own:
            continue
        manifest[name] = {**manifest.get(name, {}), **own[name]} if isinstance(own[name], dict) else own[name]
    manifest["scripts"].update(application.scripts)
    if application.allowed_scripts:
        manifest["allowScripts"] = dict(application.allowed_scripts)
    path.write_text(f"{json.dumps(manifest, indent=2, ensure_ascii=False)}\n", encoding="utf-8")


def move_in(application: Application, project: Path) -> None:
    """Do all that the guide says, except what needs an engine; nothing of it is committed."""
    git_repository(project, "As it was generated")
    copy(application, project)
    merge_manifests(application, project)
    for setting in application.settings:
        set_as_shown(project, setting.heading, dict(setting.names))
    git(project, "add", "--all")


def changed_lines(application: Application, project: Path) -> int:
    """Count the lines that were added to or taken out of the project's own files since its first commit."""
    assert git(project, "diff", "--cached", "--name-only", "HEAD", "--", "src/service") == ""
    total = 0
    for line in git(project, "diff", "--cached", "--numstat", "--no-renames", "HEAD").splitlines():
        added, removed, path = line.split("\t")
        if path.split("/")[0] not in OWNERS and not is_the_applications(application, project, path):
            total += int(added) + int(removed)
    return total


def is_the_applications(application: Application, project: Path, path: str) -> bool:
    """Whether a file came with the application; of its compose file it may be a part."""
    own = application.folder / path.replace("compose.override.yaml", "docker-compose.yml")
    if not own.is_file():
        return False
    text, source = (file.read_text(encoding="utf-8") for file in (project / path, own))
    return set(text.splitlines()) <= set(source.splitlines())


def git(project: Path, *arguments: str) -> str:
    """Return what git prints about a project; raises CalledProcessError if it fails."""
    result = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=True)
    return result.stdout
