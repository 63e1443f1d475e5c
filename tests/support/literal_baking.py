"""Bakes that hand answers on exactly as they would be typed, from the files that show free text alone."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from cookiecutter.generate import generate_context
from cookiecutter.main import cookiecutter
from cookiecutter.prompt import prompt_for_config

from support.baking import PROJECT, ROOT, BakedProject, private_config
from support.combinations import CHOICES

TEXT_FILES = ("package.json", "README.md", "LICENSE", ".node-multi-stage.json")


class LiteralBake(Protocol):
    """Bake answers that cookiecutter does not render as Jinja, as it does with those of --no-input."""

    def __call__(
        self, out_dir: Path, answers: dict[str, str], *, template: Path | None = None, hooks: bool = False
    ) -> BakedProject:
        """Return the project, from the text files alone or from a whole template."""


@cache
def complete_context(**answers: str) -> dict[str, object]:
    """Return these answers, the defaults for the rest and the private keys, as after the questions."""
    context = generate_context(context_file=str(ROOT / "cookiecutter.json"), extra_context=answers)
    return dict(prompt_for_config(context, no_input=True))


def replay_file(path: Path, **answers: str) -> Path:
    """Write what cookiecutter saves after the questions, with these answers exactly as they are."""
    offered = {key: value for key, value in answers.items() if value in CHOICES.get(key, ())}
    complete = {**complete_context(**offered), **answers}
    path.write_text(json.dumps({"cookiecutter": complete}), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def text_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the template that holds only the files in which free text may appear."""
    copy = tmp_path_factory.mktemp("text") / "template"
    for name in (f"{PROJECT}/{file}" for file in TEXT_FILES):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    for name in ("cookiecutter.json", "local_extensions.py", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    shutil.copytree(ROOT / "extension", copy / "extension")
    shutil.copytree(ROOT / "templates", copy / "templates", ignore=shutil.ignore_patterns("node_modules"))
    return copy


@pytest.fixture
def literal_bake(text_template: Path, tmp_path: Path) -> LiteralBake:
    """Bake by a replay file, the one channel besides the keyboard that hands answers on unrendered."""

    def bake(
        out_dir: Path, answers: dict[str, str], *, template: Path | None = None, hooks: bool = False
    ) -> BakedProject:
        replay = replay_file(tmp_path / "replay.json", **answers)
        path = cookiecutter(
            str(template or text_template),
            replay=str(replay),
            output_dir=str(out_dir),
            overwrite_if_exists=True,
            accept_hooks=hooks,
            default_config=private_config(tmp_path),
        )
        complete = json.loads(replay.read_text())["cookiecutter"]
        return BakedProject(Path(path), {k: v for k, v in complete.items() if not k.startswith("_")})

    return bake
