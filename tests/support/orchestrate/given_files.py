"""What a replica does with the files that the README's lines give it: data, a secret, a private CA."""

from __future__ import annotations

from support.baking import BakedProject
from support.readme_text import fenced_blocks

SECRET = "s3cret"  # noqa: S105
AUTHORITY = "certificate"
# Writes the one, and prints all of them.
PROGRAM = """
const { readFileSync: read, writeFileSync: write } = require('fs');
write('/data/kept', 'kept');
console.log(read('/data/kept', 'utf8'), read(process.env.API_TOKEN_FILE, 'utf8'),
  read(process.env.NODE_EXTRA_CA_CERTS, 'utf8'));
"""
PRINTED = ["kept", SECRET, AUTHORITY]


def readme_lines(project: BakedProject) -> list[str]:
    """Return the README's YAML of its section on deployment: for data, then for a secret and a CA."""
    section = project.read("README.md").partition("\n## Deploy on ")[2].partition("\n## ")[0]
    data, files = fenced_blocks(section, "yaml")
    return [data, files]
