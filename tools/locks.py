"""Refreshes every lockfile that the template carries, with the real package managers: `make locks`.

`--check` changes nothing and needs no network: it fails if a lockfile is missing, left over, holds a download
address, or does not name exactly the dependencies of the package.json that it belongs to.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import yaml
from cookiecutter.utils import create_env_with_context
from jinja2 import FileSystemLoader, Template

from lock_template import Answers, merged_template

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "templates" / "locks"
PROJECT = "{{cookiecutter.project_slug}}"
BIN = Path(sys.executable).parent
TEMPLATE = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
COMMANDS = {
    "npm": ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit"],
    "pnpm": ["pnpm", "install", "--lockfile-only", "--no-frozen-lockfile"],
    "yarn": ["yarn", "install", "--mode", "update-lockfile"],
}
LOCKFILES = {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock"}
CHOICES = {key: value for key, value in TEMPLATE.items() if isinstance(value, list) and not key.startswith("_")}
# Answers that every lockfile has to take over: others than the defaults, so that one that does not shows.
OWN = {"project_slug": "any-slug", "license": CHOICES["license"][-1]}
ADDRESS = re.compile(r"(resolved|tarball):? |https?://")


def lockfile(manager: str, framework: str) -> Path:
    """Return the path of the template of the lockfiles for these answers, which the project's file includes."""
    return LOCKS / manager / f"{framework}{Path(LOCKFILES[manager]).suffix}"


def label(path: Path) -> str:
    """Return a short name for messages."""
    return path.relative_to(LOCKS).as_posix()


class Renderer:
    """Renders single files of the template, as cookiecutter does, for many answers."""

    def __init__(self) -> None:
        """Prepare Jinja as cookiecutter does for the template."""
        # The template's extension is in the root.
        sys.path.insert(0, str(ROOT))
        self.environment = create_env_with_context({"cookiecutter": TEMPLATE})
        self.excluded = importlib.import_module("local_extensions").rules.excluded
        self.environment.loader = FileSystemLoader([str(ROOT / PROJECT), str(LOCKS.parent)])
        patterns = ("package.json", "*pnpm-workspace.yaml*", "*.yarnrc.yml*", "*.npmrc*")
        self.files = sorted(path.name for pattern in patterns for path in (ROOT / PROJECT).glob(pattern))

    def text(self, template: Template, choices: Answers) -> str:
        """Render for these choices and the same answers to the other questions."""
        answers = {key: value for key, value in TEMPLATE.items() if key != "__prompts__"}
        answers.update({key: choices[0] for key, choices in CHOICES.items()})
        answers.update({**OWN, **choices})
        return str(template.render(cookiecutter=answers))

    def file(self, name: str, choices: Answers) -> str:
        """Return a file of the project's folder or of templates/ for these choices."""
        return self.text(self.environment.get_template(name), choices)

    def manifests(self, choices: Answers) -> dict[str, str]:
        """Return name and text of the files that decide what is locked."""
        names = {file: self.text(self.environment.from_string(file), choices) for file in self.files}
        return {name: self.file(file, choices) for file, name in names.items() if name}


def variants(renderer: Renderer, manager: str, framework: str) -> Iterator[tuple[Answers, dict[str, str]]]:
    """Yield the answers that may change a lockfile and go together, with the manifests that they lead to."""
    texts = "".join((ROOT / PROJECT / file).read_text(encoding="utf-8") for file in renderer.files)
    fixed = {"package_manager", "framework", "license"}
    deciding = {key: value for key, value in CHOICES.items() if key not in fixed and f"cookiecutter.{key}" in texts}
    for row in product(*deciding.values()):
        answers = dict(zip(deciding, row, strict=True))
        if not renderer.excluded(answers):
            yield answers, renderer.manifests({"package_manager": manager, "framework": framework, **answers})


def run(command: list[str], folder: Path, path: str) -> None:
    """Run a package manager; raises SystemExit with its output if it fails."""
    environment = {**os.environ, "PATH": path, "COREPACK_ENABLE_STRICT": "0", "YARN_ENABLE_TELEMETRY": "0"}
    result = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed in {folder}:\n{result.stdout}")


def as_template(text: str, manager: str) -> str:
    """Return a lockfile as the template includes it: the project's own answers as Jinja, no download address."""
    if manager == "npm":
        lock = json.loads(text)
        lock["name"] = lock["packages"][""]["name"] = "{{ cookiecutter.project_slug }}"
        lock["packages"][""]["license"] = "{{ cookiecutter.license }}"
        for package in lock["packages"].values():
            package.pop("resolved", None)
        return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"
    if manager == "yarn":
        return re.sub(r'"[^"@]+@workspace:\."', '"{{ cookiecutter.project_slug }}@workspace:."', text)
    return text


def managers() -> list[str]:
    """Return the package managers that a project has to install, as `name@version`."""
    [manifest] = (ROOT / PROJECT / "scripts/image").glob("*package.json*")
    return ["@".join(pin) for pin in re.findall(r'"([@\w/-]+)": "([\d.]+)"', manifest.read_text(encoding="utf-8"))]


def lock(folder: Path, manager: str, manifests: dict[str, str], path: str) -> str:
    """Return the lockfile that the package manager writes for these manifests, as the template includes it."""
    folder.mkdir(parents=True)
    for name, text in manifests.items():
        (folder / name).write_text(text, encoding="utf-8")
    if manager == "yarn":
        # yarn looks for a project's root upwards; this file says that it is here.
        (folder / "yarn.lock").touch()
    run(COMMANDS[manager], folder, path)
    return as_template((folder / LOCKFILES[manager]).read_text(encoding="utf-8"), manager)


def write(work: Path, renderer: Renderer, manager: str, framework: str, path: str) -> None:
    """Write the template of one manager's lockfiles for one framework; each different manifest is locked once."""
    rows = list(variants(renderer, manager, framework))
    different = {str(manifests): manifests for _, manifests in rows}
    with ThreadPoolExecutor(max_workers=2) as pool:
        texts = pool.map(
            lambda numbered: lock(work / manager / framework / str(numbered[0]), manager, numbered[1], path),
            enumerate(different.values()),
        )
        locked_as = dict(zip(different, texts, strict=True))
    file = lockfile(manager, framework)
    file.parent.mkdir(parents=True, exist_ok=True)
    merged = merged_template([(answers, locked_as[str(manifests)]) for answers, manifests in rows])
    file.write_text(merged, encoding="utf-8", newline="\n")
    print(f"locked {label(file)}: {len(different)} lockfiles in one template", flush=True)


def refresh(work: Path) -> None:
    """Rewrite every lockfile and remove those that no answers lead to."""
    path = f"{work / 'managers/node_modules/.bin'}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}"
    (work / "managers").mkdir()
    # npm would take a package.json further up for the project's root.
    (work / "managers" / "package.json").write_text("{}", encoding="utf-8")
    run(["npm", "install", "--no-audit", "--no-fund", *managers()], work / "managers", path)
    renderer = Renderer()
    files = list(product(TEMPLATE["package_manager"], TEMPLATE["framework"]))
    for manager, framework in files:
        write(work, renderer, manager, framework, path)
    for left_over in set(LOCKS.rglob("*.*")) - {lockfile(*names) for names in files}:
        if left_over.is_file():
            left_over.unlink()


def locked(manager: str, text: str) -> dict[str, str]:
    """Return the direct dependencies, development included, that a lockfile's own root entry names."""
    if manager == "npm":
        root = json.loads(text)["packages"][""]
        return {**root.get("dependencies", {}), **root.get("devDependencies", {})}
    if manager == "pnpm":
        root = list(yaml.load_all(text, Loader=yaml.CSafeLoader))[-1]["importers"]["."]
        both = {**root.get("dependencies", {}), **root.get("devDependencies", {})}
        return {name: entry["specifier"] for name, entry in both.items()}
    entries = yaml.load(text, Loader=yaml.CSafeLoader)
    root = next(entry for entry in entries.values() if entry.get("linkType") == "soft")
    return {name: descriptor.removeprefix("npm:") for name, descriptor in root.get("dependencies", {}).items()}


def wrong(manager: str, manifests: dict[str, str], text: str) -> str:
    """Return what is wrong with a project's lockfile as far as that shows offline; nothing if all is right."""
    manifest = json.loads(manifests["package.json"])
    if locked(manager, text) != {**manifest.get("dependencies", {}), **manifest["devDependencies"]}:
        return "does not match package.json"
    named = json.loads(text)["packages"][""] if manager == "npm" else {}
    if manager == "yarn":
        named = {"name": OWN["project_slug"] if f'"{OWN["project_slug"]}@workspace:."' in text else ""}
    if any(value != manifest[key] for key, value in named.items() if key in ("name", "license")):
        return "holds a slug or a licence of its own"
    return ""


def problems() -> list[str]:
    """Return one line for each lockfile that is, as far as that shows offline, not what `make locks` makes."""
    renderer = Renderer()
    known = [lockfile(*names) for names in product(TEMPLATE["package_manager"], TEMPLATE["framework"])]
    found = []
    for file in known:
        if not file.is_file():
            found.append(f"{label(file)} is missing")
            continue
        if ADDRESS.search(re.sub(r'"(funding|url)": .*', "", file.read_text(encoding="utf-8"))):
            found.append(f"{label(file)} holds a download address")
        manager, framework = file.parent.name, file.stem
        faults: dict[str, str] = {}
        checked = set()
        for answers, manifests in variants(renderer, manager, framework):
            choices = {"package_manager": manager, "framework": framework, **answers}
            text = renderer.file(f"{LOCKS.name}/{label(file)}", choices)
            if (str(manifests), text) not in checked:
                checked.add((str(manifests), text))
                faults.setdefault(wrong(manager, manifests, text), " ".join(answers.values()))
        found += [f"{label(file)} {fault} ({first})" for fault, first in faults.items() if fault]
    left_over = {path for path in LOCKS.rglob("*.*") if path.is_file()} - set(known)
    return found + [f"{label(path)} belongs to no answers" for path in sorted(left_over)]


def main() -> int:
    """Refresh or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail if a lockfile is stale")
    arguments = parser.parse_args()
    if not arguments.check:
        with tempfile.TemporaryDirectory(prefix="locks-") as folder:
            refresh(Path(folder))
        return 0
    found = problems()
    print("\n".join([*found, "Refresh them: make locks"]) if found else "every lockfile matches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
