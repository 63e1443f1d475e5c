"""Bad and odd answers, each with what must become of it; docs/results/answers.md is written from this list."""

from __future__ import annotations

from typing import NamedTuple


class OddAnswer(NamedTuple):
    """One answer and its fate: `rule` is part of the refusal, or empty if the answer is kept as given."""

    question: str
    value: str
    rule: str = ""


CONTROLS = "\x00\x01\x07\x08\t\n\x0b\x0c\r\x1b\x7f\x85\x9b"
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SURROGATES = "\ud83d\udc00\udfff\ud800"
SEPARATORS = "\u2028\u2029"
UNEXCHANGEABLE = "\ufeff\ufdd0\ufffe\uffff\U0001fffe\U0010ffff"

# Text that means something to a shell, make, YAML, JSON, Docker, a workflow, HTML, Markdown or a terminal.
HOSTILE = (
    'say "hi"',
    "it's mine",
    "back\\slash \\n \\u0041",
    "ends with a backslash\\",
    "$HOME ${HOME} $(touch marker) $$",
    "`touch marker`",
    "; touch marker #",
    "&& touch marker || true",
    "| tee marker",
    "> marker",
    "$(shell touch marker)",
    "${{ github.token }}",
    "%PATH% %s %d %n",
    "# not a comment",
    "key: value, - item",
    "{a: 1, [b]: *c, &d !e}",
    "'single' \"double\" `back`",
    '{"name": "x", "private": false}',
    '", "scripts": {"preinstall": "touch marker"}, "x": "',
    "</script><script>alert(1)</script>",
    "<!-- comment --> <b>bold</b> &amp; &#65;",
    "*emphasis* _under_ **strong** ~~gone~~",
    "[link](https://example.com) ![image](x.png)",
    "# heading ## again #",
    "- list",
    "+ list",
    "1. list",
    "2) list",
    "| a | b |",
    "> quote",
    "```fence",
    "~~~fence",
    "===",
    "---",
    "***",
    "~",
    "null",
    "true",
    "no",
    "0x1F",
    "1e3",
    "1986",
    "=SUM(A1:A9)",
    "@everyone :smile:",
    "\\x1b[31mred",
    "FROM scratch",
    "RUN touch marker",
    "../../etc/passwd",
    "C:\\Windows\\system32",
    "__proto__",
    "constructor",
    "3000",
    "[yyyy] [name of copyright owner]",
    "\U0001f433 \U0001f1e8\U0001f1ed \U0001f468\u200d\U0001f4bb whales",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\u65e5\u672c\u8a9e\u306e\u540d\u524d",
    "e\u0301 decomposed, \u00e9 composed",
    "Z\u0351\u036b\u0343\u036a\u0302a\u0320\u031elgo",
    "zero\u200bwidth",
    "non\u00a0breaking",
)

RULE = {
    "length": "characters and has",
    "slug": "it must have 2 to 50 of a-z, 0-9 and single hyphens, and start with a letter",
    "core": "it is the name of a Node core module",
    "device": "it is the name of a Windows device",
    "tool": "it is the name of a tool that the project runs",
    "port": "it must be a whole number from 1024 to 65535, written in digits",
    "blank": "it must not start or end with a blank",
    "visible": "it needs at least one visible character",
}


def odd_answers() -> list[OddAnswer]:
    """Return every odd answer, in the order of the questions."""
    rows: list[OddAnswer] = []

    def refused(question: str, rule: str, *values: str) -> None:
        rows.extend(OddAnswer(question, value, RULE.get(rule, rule)) for value in values)

    def kept(question: str, *values: str) -> None:
        rows.extend(OddAnswer(question, value) for value in values)

    refused("project_name", "length", "", "n" * 81, "\U0001f433" * 81)
    refused("project_name", "blank", " ", " name", "name ", "\u00a0name", "name\u3000")
    refused("project_name", "visible", "\u200b", "\u200d \u200b")
    refused("project_name", "is a control character", *(f"na{c}me" for c in CONTROLS))
    refused("project_name", "is a text direction character", *(f"na{c}me" for c in DIRECTIONS))
    refused("project_name", "is half a surrogate pair", *(f"na{c}me" for c in SURROGATES))
    refused("project_name", "separator", *(f"na{c}me" for c in SEPARATORS))
    refused("project_name", "is not a character that can be exchanged", *(f"na{c}me" for c in UNEXCHANGEABLE))
    kept("project_name", "x", "n" * 80, "\U0001f433" * 80, *HOSTILE)

    refused(
        "project_slug",
        "slug",
        "",
        "a",
        "a" * 51,
        " ",
        "Shop",
        "my shop",
        "my_shop",
        "my.shop",
        "-a",
        "a-",
        "a--b",
    )
    refused(
        "project_slug",
        "slug",
        "1a",
        "\u00fcber",
        "\u0430bc",
        "ab\n",
        "ab\x00",
        "ab\u202e",
        "\uff41\uff42",
        "ab\u0301",
    )
    refused(
        "project_slug",
        "slug",
        ".",
        "..",
        "../evil",
        "/etc/evil",
        "a/b",
        "a\\b",
        "@scope/a",
        "~",
        "C:",
        "a:b",
        "a@1",
    )
    refused(
        "project_slug",
        "slug",
        "$(id)",
        "`id`",
        "a;b",
        "a b",
        "a'b",
        'a"b',
        "a#b",
        "-rf",
        "--help",
        "a%b",
        "a*",
        "a?",
    )
    refused("project_slug", "core", "http", "fs", "test", "sqlite", "url", "crypto")
    refused("project_slug", "device", "con", "prn", "aux", "nul", "com1", "lpt9")
    refused("project_slug", "tool", "node", "npm")
    refused("project_slug", "YAML reads it as a value", "true", "false", "null", "no", "on")
    refused("project_slug", "Docker reserves this image name", "scratch")
    kept("project_slug", "ab", "a1", "a" * 50, "a-b-c", "com10", "con-app", "node-app", "x86-64", "a0-0")

    for question, most in (("description", 200), ("author", 100)):
        refused(question, "length", "d" * (most + 1))
        refused(question, "blank", " ", "text ", "text\u2003")
        refused(
            question,
            "is a control character",
            "two\nlines",
            "tab\there",
            "bell\x07",
            "return\r",
            "\x1b[31mred",
        )
        refused(question, "is a text direction character", "user\u202etxt.exe", "\u2066isolate")
        refused(question, "is half a surrogate pair", "half \ud83d")
        refused(question, "is not a character that can be exchanged", "\ufeffmark")
        kept(question, "", "d" * most, "\U0001f433" * most, *HOSTILE)

    refused(
        "port",
        "port",
        "",
        " ",
        "0",
        "1",
        "80",
        "443",
        "1023",
        "65536",
        "99999",
        "100000",
        "-3000",
        "+3000",
        " 3000",
    )
    refused(
        "port",
        "port",
        "3000 ",
        "03000",
        "3,000",
        "3_000",
        "3000.0",
        "3e3",
        "0xBB8",
        "abc",
        "3000/tcp",
        "3000\n",
        "nan",
    )
    refused(
        "port",
        "port",
        "\uff13\uff10\uff10\uff10",
        "\u0663\u0660\u0660\u0660",
        "8080:3000",
        "3000; touch marker",
        "9" * 300,
    )
    kept("port", "1024", "8080", "65535")
    return rows


# Tried through every channel: none of them is repaired, hidden or split on the way.
BAD_ANSWERS = (
    OddAnswer("project_name", "n" * 81, RULE["length"]),
    OddAnswer("project_name", "user\u202etxt.exe", "is a text direction character"),
    OddAnswer("project_name", "\u200b", RULE["visible"]),
    OddAnswer("project_slug", "../evil", RULE["slug"]),
    OddAnswer("project_slug", "Shop", RULE["slug"]),
    OddAnswer("project_slug", "http", RULE["core"]),
    OddAnswer("project_slug", "con", RULE["device"]),
    OddAnswer("description", "d" * 201, RULE["length"]),
    OddAnswer("description", "bell \x07 rings", "is a control character"),
    OddAnswer("author", "\ufeffmark", "is not a character that can be exchanged"),
    OddAnswer("port", "80", RULE["port"]),
    OddAnswer("port", "3000; touch marker", RULE["port"]),
)


# Everything at once, within the 80 characters of a name; and the 200 of a description.
WORST = (
    "`touch marker` $(touch marker) ${{ x }} '\"\\ #%;|& </script> \U0001f433 \u05e9\u05dc\u05d5\u05dd {{ 7*7 }} {%x"
)


LONG = (" ".join(HOSTILE))[:199] + "\\"
