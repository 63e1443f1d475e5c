"""Measures how a file reads: width, one command per line, and the length of RUN, recipes and functions.

The rules are design decisions about generated files: a budget is met by plainer writing, never by folding lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 100  # columns
RUN_LINES = 8  # of one RUN in a Dockerfile, its mounts not counted
RECIPE_LINES = 6  # of one target in a Makefile
FUNCTION_LINES = 40  # in src/ and scripts/

URL = re.compile(r"\S*https?://\S+")
# What is not a second command after a semicolon: the words that end or continue a compound command.
CONTINUES = r"(?:then|do|else|elif|fi|done|esac|in|\}|\)|;|\\|$)"
# To say why and to stop is one thought; after a condition on the same line it is one too many.
SAY_AND_STOP = re.compile(r"(?:echo|printf|fail)\b[^;|{}]*;\s*exit \d")
CONDITION = re.compile(r"(?:if|elif|while|until) [^;]*")
GUARD = re.compile(r"\[\[? .*? \]\]? &&")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")


def wide_lines(text: str) -> list[str]:
    """Return the lines beyond WIDTH columns that are no table row; an address does not count."""
    rows = [line for line in text.splitlines() if not re.match(r"\s*(// |# )?\|", line)]
    return [line for line in rows if len(URL.sub("", line)) > WIDTH]


def joined_commands(line: str) -> int:
    """Return how many commands of the shell a line joins to its first: 0 or 1 is one thought, more is folded.

    `if A; then B; fi`, `[ A ] && B`, `A || B` and `A || { echo why; exit 1; }` are 1, `A && B` is 2: B is a step of
    its own. A pipeline is one command; quoted text is not looked into: it is gone already.
    """
    bare = line.strip()
    bare = bare.replace("\\;", "")
    goes_on = bare.endswith("\\")
    bare = re.sub(r"\$\(\([^)]*\)\)", "0", bare.rstrip("\\").strip())
    bare = SAY_AND_STOP.sub("SAID", bare)
    bodies = len(re.findall(r"\b(?:then|do|else)\s+\S", bare)) + len(re.findall(r"\bthen\s+SAID", bare))
    semicolons = len(re.findall(rf"(?<!;);(?!;)\s*(?!{CONTINUES})\S", bare))
    rest = re.sub(r"^(?:&&|\|\|)", "", bare)
    operators = len(re.findall(r"(?:&&|\|\|)\s*\S", rest))
    steps = len(re.findall(r"&&\s*\S", GUARD.sub("", CONDITION.sub("", rest))))
    words = bare.split()
    assignments = all(ASSIGNMENT.fullmatch(word) for word in words) and not goes_on
    return bodies + 2 * semicolons + operators + steps + (2 * (len(words) - 1) if words and assignments else 0)


def without_quoted(text: str) -> str:
    """Return a shell script without quoted text, over several lines too, and without comments."""
    kept, quote, previous = [], "", "\n"
    for number, sign in enumerate(text):
        comment = quote == "#"
        if sign == "\n":
            kept.append(sign)
            quote = "" if comment else quote
        elif quote:
            escaped = quote == '"' and previous == "\\"
            quote = "" if sign == quote and not comment and not escaped else quote
        elif sign in "'\"" and previous != "\\":
            quote = sign
            kept.append("Q")
        elif sign == "#" and text[number - 1 : number] in ("", " ", "\n", "\t"):
            quote = "#"
        else:
            kept.append(sign)
        previous = sign
    return "".join(kept)


def folded_lines(text: str) -> list[str]:
    """Return the lines of shell commands that hold more than one thought."""
    bare = without_quoted(text).splitlines()
    return [line for line, kept in zip(text.splitlines(), bare, strict=True) if joined_commands(kept) > 1]


def instructions(dockerfile: str, name: str) -> Iterator[list[str]]:
    """Yield the lines of each instruction of this name, continued lines and comments between them included."""
    lines = iter(dockerfile.splitlines())
    for line in lines:
        if line.split(" ")[0] == name:
            found = [line]
            while found[-1].endswith("\\") or found[-1].lstrip().startswith("#"):
                found.append(next(lines))
            yield found


def without_mounts(run: list[str]) -> list[str]:
    """Return the lines of a RUN that are commands; one that follows a mount on its line counts."""
    text = "\n".join(run).removeprefix("RUN")
    return [line for line in re.sub(r"--mount=\S+", "", text).splitlines() if line.strip(" \\")]


def recipes(makefile: str) -> dict[str, list[str]]:
    """Return target → the lines of its recipe."""
    found: dict[str, list[str]] = {}
    target, goes_on = "", False
    for line in makefile.splitlines():
        if (line.startswith("\t") or goes_on) and target:
            found[target].append(line)
            goes_on = line.endswith("\\")
        elif rule := re.match(r"([\w%./$() -]+):(?!=)", line):
            target = rule[1]
            found[target] = []
        elif line and not line.startswith("#"):
            target = ""
    return found


def functions(source: str) -> dict[str, int]:
    """Return the first line of each function → its length in lines.

    Of JavaScript and TypeScript as Biome formats it, of shell and awk with the brace after the name.
    """
    lengths = {}
    lines = source.splitlines()
    for number, line in enumerate(lines):
        opens = re.search(r"\bfunction\b|=>|^\s*(?:async )?\w+\(.*\)(?:: \S+)? \{$", line)
        if not opens or not line.endswith(("{", "(")) or re.match(r"\s*(if|for|while|switch|catch)\b", line):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        ends = (n for n in range(number + 1, len(lines)) if re.match(rf"{indent}[}})\]](?!.*\{{$)", lines[n]))
        lengths[line.strip()] = next(ends, number) - number + 1
    return lengths
