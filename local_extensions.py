"""Checks every answer before anything is written, and encodes free text for the files that show it.

Cookiecutter loads this module as a Jinja extension (`_extensions` in cookiecutter.json).
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any, NoReturn

from cookiecutter import __version__ as COOKIECUTTER_VERSION
from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment, Template
from jinja2.ext import Extension
from slugify import slugify

# Older ones do not search templates/ for includes.
MINIMUM_COOKIECUTTER = (2, 2)

# Least and greatest number of characters (code points).
TEXT_LENGTHS = {"project_name": (1, 80), "description": (0, 200), "author": (0, 100)}
SLUG_LENGTHS = (2, 50)
PORTS = (1024, 65535)

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# `require('module').builtinModules` of Node 26, without those no slug can spell: npm refuses these names.
NODE_CORE_MODULES = frozenset(
    "assert buffer cluster console constants crypto dgram dns domain events ffi fs http http2 https "  # noqa: SIM905
    "inspector module net os path process punycode querystring readline repl sea sqlite stream sys test "
    "timers tls tty url util v8 vm wasi zlib".split()
)
WINDOWS_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))])
RESERVED_SLUGS = {
    **dict.fromkeys(NODE_CORE_MODULES, "it is the name of a Node core module"),
    **dict.fromkeys(WINDOWS_DEVICES, "it is the name of a Windows device"),
    **dict.fromkeys(("node", "npm"), "it is the name of a tool that the project runs"),
    "scratch": "Docker reserves this image name",
}

# Unicode bidirectional formatting: text that reads differently from what it is (CVE-2021-42574).
DIRECTION_CHARACTERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
REFUSED_CATEGORIES = {
    "Cc": "a control character",
    "Cs": "half a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}

FILES = [Path(__file__), Path(__file__).with_name("cookiecutter.json")]
LOADED = [file.read_bytes() for file in FILES]
TEMPLATE = json.loads(LOADED[1])
QUESTIONS = [key for key in TEMPLATE if not key.startswith("_")]
CHOICES = {key: TEMPLATE[key] for key in QUESTIONS if isinstance(TEMPLATE[key], list)}
DERIVED = {key: TEMPLATE[key] for key in TEMPLATE if key.startswith("__") and key != "__prompts__"}
SETTINGS = {key: TEMPLATE[key] for key in TEMPLATE if re.match("_[^_]", key)}


class BadAnswer(FailedHookException, SystemExit):  # type: ignore[misc]  # cookiecutter is untyped
    """One line for the user, and exit status 1, without a traceback.

    Cookiecutter prints a FailedHookException so; cruft catches nothing, and Python prints SystemExit so.
    """

    def __init__(self, line: str) -> None:
        """Take the line."""
        super().__init__(line)
        self.code = line


def refuse(key: str, value: object, rule: str, suggestion: str = "") -> NoReturn:
    """Raise BadAnswer: the question, the value (shortened, nothing in it invisible), the rule."""
    shown = repr(value)
    if len(shown) > 60:
        shown = f"{shown[:45]}...{shown[-12:]}"
    line = f"{key}: {shown} is refused: {rule}" + (f"; try {suggestion!r}" if suggestion else "")
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    raise BadAnswer(line.encode(encoding, "backslashreplace").decode(encoding))


def slug(name: object) -> str:
    """Return an acceptable project_slug for any text: accents folded, other scripts spelled out in a-z."""
    if not isinstance(name, str):
        refuse("project_name", name, "it must be text")
    result = slugify(re.sub("['\u2019]", "", name))
    if not result[:1].isalpha():
        result = f"app-{result}".strip("-")
    result = result[: SLUG_LENGTHS[1]].strip("-")
    return f"{result}-app" if result in RESERVED_SLUGS or len(result) < SLUG_LENGTHS[0] else result


def refused_character(character: str) -> str:
    """Say what makes a character unfit for one line of text, or return an empty string."""
    if character in DIRECTION_CHARACTERS:
        return "a text direction character"
    # Noncharacters and the byte order mark: YAML and XML parsers reject them.
    if ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef" or character == "\ufeff":
        return "not a character that can be exchanged"
    return REFUSED_CATEGORIES.get(unicodedata.category(character), "")


def text_rule(key: str, value: str) -> str:
    """Return the rule of a one-line text question that the value breaks, or an empty string."""
    least, most = TEXT_LENGTHS[key]
    for position, character in enumerate(value, 1):
        if reason := refused_character(character):
            return f"character {position}, U+{ord(character):04X}, is {reason}"
    if not least <= len(value) <= most:
        bounds = f"{least} to {most}" if least else f"at most {most}"
        return f"it must have {bounds} characters and has {len(value)}"
    if value != value.strip():
        return "it must not start or end with a blank"
    if least and all(unicodedata.category(character) in ("Cf", "Zs") for character in value):
        return "it needs at least one visible character"
    return ""


def check_text(key: str, value: str) -> None:
    """Refuse text that is too long, has more than one line, or does not read as what it is."""
    if rule := text_rule(key, value):
        tidy = " ".join("".join(" " if refused_character(c) else c for c in value).split())
        refuse(key, value, rule, "" if not tidy or text_rule(key, tidy) else tidy)


def check_slug(key: str, value: str) -> None:
    """Refuse a name that could not be folder, npm package, image, container and DNS label at once."""
    least, most = SLUG_LENGTHS
    rule = RESERVED_SLUGS.get(value, "")
    if not least <= len(value) <= most or not SLUG.fullmatch(value):
        rule = f"it must have {least} to {most} of a-z, 0-9 and single hyphens, and start with a letter"
    if rule:
        refuse(key, value, rule, slug(value) if value.strip() else "")


def check_port(key: str, value: str) -> None:
    """Refuse what is not a plain decimal port that needs no privilege."""
    least, most = PORTS

    def fits(text: str) -> bool:
        return re.fullmatch("[1-9][0-9]{3,4}", text) is not None and least <= int(text) <= most

    if not fits(value):
        plain = re.sub(r"\.0+$", "", value.strip()).replace(",", "").lstrip("0")
        rule = f"it must be a whole number from {least} to {most}, written in digits"
        refuse(key, value, rule, plain if fits(plain) else "")


def check_choice(key: str, value: str) -> None:
    """Refuse what is not offered."""
    choices = CHOICES[key]
    if value not in choices:
        near = [choice for choice in choices if choice.casefold() == value.strip().casefold()]
        refuse(key, value, f"it must be one of {', '.join(choices)}", *near)


def check_answers(answers: dict[str, Any], environment: Environment) -> None:
    """Refuse the first bad answer among those given so far; when all are, derive the private keys anew.

    Raises what `refuse` raises; changes `answers` only as said.
    """
    given = [key for key in QUESTIONS if key in answers]
    for key in QUESTIONS[: QUESTIONS.index(given[-1]) + 1] if given else []:
        value = answers.get(key)
        if not isinstance(value, str):
            refuse(key, value, "it must be text")
        elif key in CHOICES:
            check_choice(key, value)
        else:
            {"project_slug": check_slug, "port": check_port}.get(key, check_text)(key, value)
    # A command line can carry the private keys too, and a replay file those of an older version.
    if answers.keys() >= TEMPLATE.keys() - {"__prompts__"}:
        derived = environment.from_string("\n".join(DERIVED.values()), template_class=Template)
        # More than once, because some follow from others.
        while (lines := derived.render(cookiecutter=answers).split("\n")) != [answers[k] for k in DERIVED]:
            answers.update({key: lines[n] for n, key in enumerate(DERIVED)})
        for key, value in SETTINGS.items():
            if answers[key] != value:
                refuse(key, answers[key], f"it is no question; the template sets it to {value!r}")


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
            check_answers(answers, self.environment)
            vars(self.environment)["checked_answers"] = dict(answers)
        return super().render(*args, **kwargs)


def json_string(value: str) -> str:
    """Return the text as a JSON string with its quotes, in UTF-8 rather than in escapes."""
    return json.dumps(value, ensure_ascii=False)


def markdown_text(value: str) -> str:
    """Return one line of text so that Markdown shows exactly its characters (CommonMark 2.4)."""
    escaped = re.sub(r"([\\`*_\[\]<>&#|~$])", r"\\\1", value)
    return re.sub(r"^(\d+(?=[.)])|(?=[-+=]))", r"\1\\", escaped)


def default_port(text: str, port: str) -> str:
    """Return the text with the number 3000 replaced by the port, and 30000 or 3000x left alone."""
    return re.sub(r"\b3000\b", port, text)


def own_lock(text: str, slug: str, license: str) -> str:
    """Return a lockfile of the default project as its package manager would write it for this slug and licence.

    npm repeats both in its root entry. yarn names the root by the slug and sorts by name, and `--immutable`
    refuses any other order; its blocks are separated by an empty line, the first two are the header.
    """
    text = text.replace(
        '"version": "0.1.0",\n      "license": "MIT"', f'"version": "0.1.0",\n      "license": "{license}"'
    )
    text = text.replace('"node-multi-stage-app', f'"{slug}')
    if not text.startswith('# This file is generated by running "yarn install"'):
        return text
    header, metadata, *blocks = text.rstrip("\n").split("\n\n")
    return "\n\n".join([header, metadata, *sorted(blocks, key=lambda block: block.lstrip('"'))]) + "\n"


FILTERS = {f.__name__: f for f in (slug, json_string, markdown_text, default_port, own_lock)}


class AnswerChecks(Extension):
    """The Jinja extension: the filters above, and templates that check the answers."""

    def __init__(self, environment: Environment) -> None:
        """Prepare cookiecutter's environment; raises BadAnswer for a cookiecutter too old."""
        super().__init__(environment)
        if tuple(int(part) for part in re.findall(r"\d+", COOKIECUTTER_VERSION)[:2]) < MINIMUM_COOKIECUTTER:
            needed = ".".join(map(str, MINIMUM_COOKIECUTTER))
            refuse("cookiecutter", COOKIECUTTER_VERSION, f"the template needs version {needed} or newer")
        # `cruft update` renders two versions of the template in one process, from one path: without this the
        # new version would be rendered with the checks and filters of the old one.
        if all(file.is_file() for file in FILES) and [file.read_bytes() for file in FILES] != LOADED:
            exec(compile(FILES[0].read_bytes(), __file__, "exec"), globals())  # noqa: S102
        environment.filters.update(FILTERS)
        environment.template_class = CheckedTemplate
