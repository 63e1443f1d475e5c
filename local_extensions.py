"""The Jinja extension that cookiecutter loads by this name (`_extensions` in cookiecutter.json).

It refuses bad answers before anything is written (extension/rules.py), derives the private keys from the good ones,
and adds the filters of extension/filters.py and the answers file. These files are run from disk, not imported: an
import would keep the first version that a process saw, and would depend on what else is called `extension`.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

from cookiecutter import __version__ as COOKIECUTTER_VERSION
from jinja2 import Environment, Template
from jinja2.ext import Extension

# Older ones do not search templates/ for includes.
MINIMUM_COOKIECUTTER = (2, 2)

HERE = Path(__file__).parent
PARTS = ("rules", "filters", "answers_file")
FILES = [HERE / "local_extensions.py", HERE / "cookiecutter.json", *(HERE / f"extension/{name}.py" for name in PARTS)]


def contents() -> list[bytes]:
    """Return what the files that decide about answers hold now; nothing for one that is not there."""
    return [file.read_bytes() if file.is_file() else b"" for file in FILES]


def run_file(name: str) -> ModuleType:
    """Run extension/NAME.py as it is on disk; return what it defines as a module."""
    file = HERE / "extension" / f"{name}.py"
    module = ModuleType(name)
    module.__file__ = str(file)
    exec(compile(file.read_bytes(), str(file), "exec"), vars(module))  # noqa: S102
    return module


LOADED = contents()
rules, filters, answers_file = map(run_file, PARTS)
FILTERS = {"slug": rules.slug, **filters.FILTERS, "answers_file": answers_file.answers_file}
DERIVED = {key: value for key, value in rules.TEMPLATE.items() if key.startswith("__") and key != "__prompts__"}
SETTINGS = {key: value for key, value in rules.TEMPLATE.items() if re.match("_[^_]", key)}


def derive_private_keys(answers: dict[str, Any], environment: Environment) -> None:
    """Set every private key to what follows from the answers, and refuse a changed setting, once all are given.

    A command line can carry private keys and settings too, and a replay file those of an older version.
    """
    if not answers.keys() >= rules.TEMPLATE.keys() - {"__prompts__"}:
        return
    derived = environment.from_string("\n".join(DERIVED.values()), template_class=Template)
    # More than once, because some follow from others.
    while (lines := derived.render(cookiecutter=answers).split("\n")) != [answers[key] for key in DERIVED]:
        answers.update(zip(DERIVED, lines, strict=True))
    for key, value in SETTINGS.items():
        if answers[key] != value:
            rules.refuse(key, answers[key], f"it is no question; the template sets it to {value!r}")


class CheckedTemplate(Template):
    """A template that checks the answers before it renders anything.

    Cookiecutter renders each question's default before it asks, and the name of the new folder before it
    creates it, whatever the answers come from. A private key that checks can be overridden on the command
    line and is not evaluated in a replay; a pre_gen_project hook is too late and can be switched off.
    """

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Render as Jinja does, or raise BadAnswer with the line of the first bad answer."""
        answers = kwargs["cookiecutter"]
        if answers != getattr(self.environment, "checked_answers", None):
            rules.check_answers(answers)
            derive_private_keys(answers, self.environment)
            vars(self.environment)["checked_answers"] = dict(answers)
        return super().render(*args, **kwargs)


class AnswerChecks(Extension):
    """The extension: the filters, and templates that check the answers."""

    def __init__(self, environment: Environment) -> None:
        """Prepare cookiecutter's environment; raises BadAnswer for a cookiecutter too old."""
        super().__init__(environment)
        if tuple(int(part) for part in re.findall(r"\d+", COOKIECUTTER_VERSION)[:2]) < MINIMUM_COOKIECUTTER:
            needed = ".".join(map(str, MINIMUM_COOKIECUTTER))
            rules.refuse("cookiecutter", COOKIECUTTER_VERSION, f"the template needs version {needed} or newer")
        # `cruft update` renders two versions of the template in one process, from one path: without this the
        # new version would be rendered with the checks and filters of the old one.
        if FILES[0].is_file() and contents() != LOADED:
            exec(compile(FILES[0].read_bytes(), __file__, "exec"), globals())  # noqa: S102
        environment.filters.update(FILTERS)
        environment.template_class = CheckedTemplate
