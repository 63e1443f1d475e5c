"""Reads the machine's apt sources, in both of their formats, to find out which mirror it uses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

# One-line options and the deb822 fields they stand for (sources.list(5)).
OPTION_FIELDS = {"signed-by": "Signed-By", "trusted": "Trusted"}


@dataclass(frozen=True)
class Source:
    """One archive: where it is, what of it is used, and how it is trusted."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)

    def stanza(self) -> str:
        """This source in deb822 format."""
        lines = ["Types: deb"]
        lines += [f"URIs: {' '.join(self.uris)}", f"Suites: {' '.join(self.suites)}"]
        if self.components:
            lines.append(f"Components: {' '.join(self.components)}")
        lines += [f"{name}: {value}" for name, value in self.options.items()]
        return "\n".join(lines) + "\n"

    def for_suites(self, *suites: str) -> Source:
        """The same archive with other suites."""
        return replace(self, suites=suites)


def parse_list(text: str) -> list[Source]:
    """Sources in the one-line format (`deb [options] uri suite component...`)."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)", line)
        if match is None:
            continue
        given = dict(option.split("=", 1) for option in (match[1] or "").split() if "=" in option)
        options = {OPTION_FIELDS[key]: value for key, value in given.items() if key in OPTION_FIELDS}
        found.append(Source((match[2],), (match[3],), tuple(match[4].split()), options))
    return found


def parse_deb822(text: str) -> list[Source]:
    """Sources in the deb822 format: stanzas of `Field: value`, values may continue on indented lines."""
    found = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace() and name:
                fields[name] += f"\n{line}"
            elif ":" in line:
                name, value = line.split(":", 1)
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        options = {field: fields[key] for key, field in OPTION_FIELDS.items() if key in fields}
        words = [tuple(fields.get(key, "").split()) for key in ("uris", "suites", "components")]
        found.append(Source(words[0], words[1], words[2], options))
    return found


def machine_sources(etc: Path = Path("/etc/apt")) -> list[Source]:
    """Every source that this machine's apt uses."""
    found = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        found += parse_deb822(text) if path.suffix == ".sources" else parse_list(text)
    return found


def archive(sources: list[Source], suite: str) -> Source | None:
    """The distribution's own archive that carries `suite`, narrowed to it; None where there is none.

    A third party may call its suite by the same name; the distribution's own also carries main and is
    the one beside which `-updates` is configured.
    """
    fitting = [source for source in sources if suite in source.suites and "main" in source.components]
    updated = {uri for source in sources if f"{suite}-updates" in source.suites for uri in source.uris}
    fitting.sort(key=lambda source: not updated.intersection(source.uris))
    return fitting[0].for_suites(suite) if fitting else None
