"""Times a bake by command beside cookiecutter's own bake of one file, and what the hook adds to it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.commands import Progress, seconds
from benchmarks.contexts import COOKIECUTTER, ROOT, environment, template_before
from benchmarks.samples import Samples

KINDS = ("one-file", "ours", "before", "ours-without-hook", "ours-hanging-engine")
HANGING = "#!/bin/sh\nexec sleep 60\n"


def measure_bakes(rounds: int, samples: Samples) -> None:
    """Take `bake_s`: `cookiecutter --no-input` of each of KINDS; three rounds for the engine that hangs."""
    progress = Progress("bakes", len(KINDS) * rounds)
    with TemporaryDirectory() as name:
        folder = Path(name)
        templates = {"one-file": one_file_template(folder / "template"), "before": template_before(folder)}
        wedged = folder / "bin"
        wedged.mkdir()
        (wedged / "docker").write_text(HANGING)
        (wedged / "docker").chmod(0o755)
        config = folder / "config.yaml"
        config.write_text(f"replay_dir: {folder}/replay\ncookiecutters_dir: {folder}/cookiecutters\n")
        for number in range(rounds):
            for kind in KINDS:
                progress.step(kind)
                if kind == "ours-hanging-engine" and number >= 3:
                    continue
                path = f"{wedged}:{os.environ['PATH']}" if kind == "ours-hanging-engine" else os.environ["PATH"]
                took = seconds(
                    *(COOKIECUTTER, "--no-input", "--config-file", config, "--output-dir", folder / "out"),
                    *(("--accept-hooks", "no") if kind == "ours-without-hook" else ()),
                    templates.get(kind, ROOT),
                    env={**environment(), "PATH": path},
                )
                samples.add("bake_s", kind, took)
                shutil.rmtree(folder / "out")


def one_file_template(folder: Path) -> Path:
    """Write the smallest template, one question and one file, and return its folder."""
    project = folder / "{{cookiecutter.name}}"
    project.mkdir(parents=True)
    (folder / "cookiecutter.json").write_text('{"name": "one-file"}\n')
    (project / "README.md").write_text("# {{ cookiecutter.name }}\n")
    return folder
