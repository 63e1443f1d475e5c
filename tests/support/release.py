"""What a generated project says about its releases: how the job builds one, and how whoever uses it checks it."""

from __future__ import annotations

import re
from typing import Any

from support.baking import BakedProject
from support.github import load


def build_options(project: BakedProject) -> dict[str, Any]:
    """Return the inputs of the step that builds and pushes the image, which has the id `image`."""
    steps = load(project.read(".github/workflows/ci.yml"))["jobs"]["release"]["steps"]
    [options] = [step["with"] for step in steps if step.get("id") == "image"]
    return dict(options)


def checking_script(project: BakedProject, image: str) -> str:
    """Return the README's commands that check an image, with this image in the place of the example's."""
    section = project.read("README.md").partition("\n## Release\n")[2]
    script = section.partition("```sh\n")[2].partition("```")[0]
    changed, count = re.subn(r"^image=\S+$", f"image={image}", script, flags=re.MULTILINE)
    assert count == 1, script
    return changed
