"""Writes templates/javascript from templates/typescript: `make javascript`.

Node removes the types, then the generated project's own formatter, Biome with the project's settings, writes both
languages as `make format` would. `--check` changes nothing and fails if a file is not what this would write.
Biome comes from the npm registry once per version and user, and stays in the cache folder.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from engine.machine import cache

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
PROJECT = ROOT / "{{cookiecutter.project_slug}}"
BIN = Path(sys.executable).parent


def call(command: list[str | Path], folder: Path, stdin: str = "") -> None:
    """Run a command in a folder; raises SystemExit with its output if it fails."""
    result = subprocess.run(
        command,
        cwd=folder,
        input=stdin,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{result.stdout}")


def biome() -> Path:
    """Return the path of the Biome that the project pins; fetches it on first use."""
    pinned = re.search(r'"@biomejs/biome": "([\d.]+)"', (PROJECT / "package.json").read_text(encoding="utf-8"))
    assert pinned is not None, "package.json pins no @biomejs/biome"
    folder = cache() / f"biome-{pinned[1]}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            new = Path(work) / "biome"
            new.mkdir()
            call([BIN / "npm", "install", "--no-audit", "--no-fund", f"@biomejs/biome@{pinned[1]}"], new)
            try:
                new.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process was quicker
                    raise
    return folder / "node_modules" / ".bin" / "biome"


def strip_types(pairs: Sequence[tuple[Path, Path]], folder: Path) -> None:
    """Write the JavaScript of each TypeScript file, [source, target]; raises SystemExit where Node refuses one."""
    text = json.dumps([[str(path) for path in pair] for pair in pairs])
    call([BIN / "node", "--no-warnings", ROOT / "tools" / "strip_types.cjs"], folder, text)


def check_style(folder: Path, paths: Sequence[Path], *options: str) -> None:
    """Check files below a folder by the project's Biome and settings; `--write` fixes them.

    Raises SystemExit with what Biome says.
    """
    shutil.copy(PROJECT / "biome.json", folder)
    # Biome itself is a script that starts with `env node`.
    call([BIN / "node", biome(), "check", *options, "--error-on-warnings", *paths], folder)


def generate(target: Path) -> None:
    """Write both languages below `target`, formatted; raises SystemExit where Node or Biome refuse a file."""
    typescript, javascript = target / "typescript", target / "javascript"
    shutil.copytree(TEMPLATES / "typescript", typescript)
    pairs = []
    for path in sorted(typescript.rglob("*.ts")):
        plain = javascript / path.relative_to(typescript).with_suffix(".js")
        plain.parent.mkdir(parents=True, exist_ok=True)
        pairs.append((path, plain))
    strip_types(pairs, target)
    check_style(target, [target], "--write")


def contents(folder: Path) -> dict[str, str]:
    """Return the text of every source file of both languages below a folder, by relative path."""
    files = [*folder.glob("typescript/**/*.ts"), *folder.glob("javascript/**/*.js")]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def stale() -> list[str]:
    """Return one line for each source file that is not what `make javascript` writes."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        wanted, found = contents(Path(folder)), contents(TEMPLATES)
    return [f"templates/{name}" for name in sorted({*wanted, *found}) if wanted.get(name) != found.get(name)]


def write() -> None:
    """Write both languages in place; remove JavaScript that has no TypeScript."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        shutil.rmtree(TEMPLATES / "javascript", ignore_errors=True)
        for name, text in contents(Path(folder)).items():
            path = TEMPLATES / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    """Write or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail if a file is not current")
    if not parser.parse_args().check:
        write()
        return 0
    found = stale()
    print("\n".join([*found, "Rewrite them: make javascript"]) if found else "templates/javascript is current")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
