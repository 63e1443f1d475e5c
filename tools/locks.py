"""Refreshes every lockfile that the template carries, with the real package managers: `make locks`.

`--check` changes nothing and needs no network: it fails if a lockfile is missing, left over, holds a download
address, or does not name exactly the dependencies of the package.json that it belongs to.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from cookiecutter.main import cookiecutter

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
ADDRESS = re.compile(r"(resolved|tarball):? |https?://")


def variants() -> Iterator[dict[str, str]]:
    """Yield the answers of each lockfile: types of Node differ by line, so TypeScript has one for each."""
    for manager in TEMPLATE["package_manager"]:
        for framework in TEMPLATE["framework"]:
            answers = {"package_manager": manager, "framework": framework}
            yield {**answers, "language": "javascript", "node_version": TEMPLATE["node_version"][0]}
            for line in TEMPLATE["node_version"]:
                yield {**answers, "language": "typescript", "node_version": line}


def lockfile(answers: dict[str, str]) -> Path:
    """Return where the lockfile for these answers stands, as the template's include computes it."""
    folder = f"{answers['framework']}-{answers['language']}"
    if answers["language"] == "typescript":
        folder += f"-{answers['node_version']}"
    return LOCKS / answers["package_manager"] / folder / LOCKFILES[answers["package_manager"]]


def label(answers: dict[str, str]) -> str:
    """Return a short name for messages."""
    return lockfile(answers).relative_to(LOCKS).as_posix()


def template_without_locks(folder: Path) -> Path:
    """Copy the files that decide what is locked: they bake before their lockfile exists."""
    for name in ("cookiecutter.json", "local_extensions.py"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "extension", folder / "extension")
    (folder / PROJECT).mkdir()
    for pattern in ("package.json", "*pnpm-workspace.yaml*", "*.yarnrc.yml*", "*.npmrc*"):
        for path in (ROOT / PROJECT).glob(pattern):
            shutil.copy(path, folder / PROJECT / path.name)
    return folder


def bake(template: Path, out_dir: Path, answers: dict[str, str]) -> Path:
    """Bake the manifest alone; return the project's folder."""
    config = {"replay_dir": str(out_dir / "replay"), "cookiecutters_dir": str(out_dir / "clones")}
    options: dict[str, Any] = {"no_input": True, "accept_hooks": False, "default_config": config}
    return Path(cookiecutter(str(template), extra_context=answers, output_dir=str(out_dir), **options))


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


def as_template(text: str, answers: dict[str, str]) -> str:
    """Return a lockfile as the template includes it: the project's own answers as Jinja, no download address."""
    if answers["package_manager"] == "npm":
        lock = json.loads(text)
        lock["name"] = lock["packages"][""]["name"] = "{{ cookiecutter.project_slug }}"
        lock["packages"][""]["license"] = "{{ cookiecutter.license }}"
        for package in lock["packages"].values():
            package.pop("resolved", None)
        return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"
    if answers["package_manager"] == "yarn":
        return re.sub(r'"[^"@]+@workspace:\."', '"{{ cookiecutter.project_slug }}@workspace:."', text)
    return text


def managers() -> list[str]:
    """Return the package managers that a project has to install, as `name@version`."""
    [manifest] = (ROOT / PROJECT / "scripts/image").glob("*package.json*")
    return ["@".join(pin) for pin in re.findall(r'"([@\w/-]+)": "([\d.]+)"', manifest.read_text(encoding="utf-8"))]


def refresh(work: Path) -> None:
    """Write every lockfile anew and remove those that no answers lead to."""
    path = f"{work / 'managers/node_modules/.bin'}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}"
    (work / "managers").mkdir()
    run(["npm", "install", "--no-audit", "--no-fund", *managers()], work / "managers", path)
    (work / "template").mkdir()
    template = template_without_locks(work / "template")

    def lock(numbered: tuple[int, dict[str, str]]) -> None:
        number, answers = numbered
        project = projects[number]
        if answers["package_manager"] == "yarn":
            # yarn looks for a project's root upwards; this file says that it is here.
            (project / "yarn.lock").touch()
        run(COMMANDS[answers["package_manager"]], project, path)
        text = as_template((project / LOCKFILES[answers["package_manager"]]).read_text(encoding="utf-8"), answers)
        lockfile(answers).parent.mkdir(parents=True, exist_ok=True)
        lockfile(answers).write_text(text, encoding="utf-8", newline="\n")
        print(f"locked {label(answers)}", flush=True)

    every = list(variants())
    projects = [bake(template, work / str(number), answers) for number, answers in enumerate(every)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lock, enumerate(every)))
    for left_over in set(LOCKS.rglob("*.*")) - {lockfile(answers) for answers in every}:
        if left_over.is_file():
            left_over.unlink()


def locked(manager: str, text: str) -> dict[str, str]:
    """Return the direct dependencies, development included, that a lockfile's own root entry names."""
    if manager == "npm":
        root = json.loads(text)["packages"][""]
        return {**root.get("dependencies", {}), **root.get("devDependencies", {})}
    if manager == "pnpm":
        root = list(yaml.safe_load_all(text))[-1]["importers"]["."]
        both = {**root.get("dependencies", {}), **root.get("devDependencies", {})}
        return {name: entry["specifier"] for name, entry in both.items()}
    entries = yaml.safe_load(text)
    root = next(entry for entry in entries.values() if entry.get("linkType") == "soft")
    return {name: descriptor.removeprefix("npm:") for name, descriptor in root.get("dependencies", {}).items()}


def problems(work: Path) -> list[str]:
    """Return one line for each lockfile that is, as far as that shows offline, not what `make locks` makes."""
    (work / "template").mkdir()
    template = template_without_locks(work / "template")
    found = []
    for number, answers in enumerate(variants()):
        path = lockfile(answers)
        if not path.is_file():
            found.append(f"{label(answers)} is missing")
            continue
        text = path.read_text(encoding="utf-8")
        manifest = json.loads((bake(template, work / str(number), answers) / "package.json").read_text())
        wanted = {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}
        if locked(answers["package_manager"], text) != wanted:
            found.append(f"{label(answers)} does not match package.json")
        if as_template(text, answers) != text:
            found.append(f"{label(answers)} holds a slug or a licence of its own")
        if ADDRESS.search(re.sub(r'"(funding|url)": .*', "", text)):
            found.append(f"{label(answers)} holds a download address")
    known = {lockfile(answers) for answers in variants()}
    found += [
        f"{p.relative_to(LOCKS)} belongs to no answers" for p in LOCKS.rglob("*.*") if p.is_file() and p not in known
    ]
    return found


def main() -> int:
    """Refresh or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail if a lockfile is stale")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="locks-") as folder:
        if not arguments.check:
            refresh(Path(folder))
            return 0
        found = problems(Path(folder))
    print("\n".join([*found, "Refresh them: make locks"]) if found else "every lockfile matches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
