"""The rules of answers: what each question accepts, and the one line that refuses anything else.

`local_extensions.py` runs this file again for each version of the template that it renders.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from cookiecutter.exceptions import FailedHookException
from slugify import slugify

TEMPLATE = json.loads(Path(__file__).parents[1].joinpath("cookiecutter.json").read_bytes())
# Each question with its default, or with the choices it offers.
QUESTIONS = {key: value for key, value in TEMPLATE.items() if not key.startswith("_")}
CHOICES = {key: value for key, value in QUESTIONS.items() if isinstance(value, list)}

# Answers that cannot go together: a question and its answer, the other question and what that may be, the reason.
EXCLUSIONS = (
    (
        ("database", "sqlite"),
        ("orchestrator", ("none",)),
        "its file belongs to one container; database=postgres serves several",
    ),
)

# Least and greatest number of characters (code points).
TEXT_LENGTHS = {"project_name": (1, 80), "description": (0, 200), "author": (0, 100)}
SLUG_LENGTHS = (2, 50)
PORTS = (1024, 65535)
# Where a service with metrics listens for Prometheus.
METRICS_PORT = "9464"

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
    **dict.fromkeys("true false null yes no on off".split(), "YAML reads it as a value, not as a name"),  # noqa: SIM905
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


def check_port(key: str, value: str, answers: dict[str, object]) -> None:
    """Refuse what is not a plain decimal port that needs no privilege, and with metrics their own port."""
    least, most = PORTS

    def fits(text: str) -> bool:
        return re.fullmatch("[1-9][0-9]{3,4}", text) is not None and least <= int(text) <= most

    if not fits(value):
        plain = re.sub(r"\.0+$", "", value.strip()).replace(",", "").lstrip("0")
        rule = f"it must be a whole number from {least} to {most}, written in digits"
        refuse(key, value, rule, plain if fits(plain) else "")
    if value == METRICS_PORT and answers.get("metrics") == "prometheus":
        refuse(key, value, "with metrics=prometheus it is the port of the metrics")


def check_choice(key: str, value: str) -> None:
    """Refuse what is not offered."""
    choices = CHOICES[key]
    if value not in choices:
        near = [choice for choice in choices if choice.casefold() == value.strip().casefold()]
        refuse(key, value, f"it must be one of {', '.join(choices)}", *near)


def excluded(answers: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the question whose answer does not go together with another one and the reason, or None."""
    for (key, value), (other, allowed), reason in EXCLUSIONS:
        if answers.get(key) == value and answers.get(other, allowed[0]) not in allowed:
            return key, f"it does not go together with {other}={answers[other]}: {reason}"
    return None


def check_answers(answers: dict[str, object]) -> None:
    """Refuse the first bad answer, or missing one, up to the last question that has been answered."""
    names = list(QUESTIONS)
    answered = [number for number, key in enumerate(names, 1) if key in answers]
    for key in names[: max(answered, default=0)]:
        value = answers.get(key)
        if not isinstance(value, str):
            refuse(key, value, "it must be text")
        elif key in CHOICES:
            check_choice(key, value)
        elif key == "port":
            check_port(key, value, answers)
        else:
            {"project_slug": check_slug}.get(key, check_text)(key, value)
    if found := excluded(answers):
        key, reason = found
        refuse(key, answers[key], reason)
