"""The README's lines that check a release name the image that the workflow pushes, and the identity that signs it.

The tools are fakes that know their documented options. What Docker's lines print: tests/docker/company/test_verify.py.
"""

from __future__ import annotations

import re
import subprocess

import pytest

from support.baking import BakedProject, bake, not_on_windows
from support.fakes import Fakes
from support.github import VERSION_TAG
from support.release import build_options, checking_script

NEEDS_BASH = not_on_windows("bash that runs the fakes")
IMAGE = "ghcr.io/team/app:1.2.3"
# Options with a value, and how the image is written (cosign's doc/cosign_verify.md; `gh attestation verify --help`;
# buildx's docs/reference/buildx_imagetools_inspect.md).
KNOWN = {
    "cosign verify": ({"--certificate-identity-regexp", "--certificate-oidc-issuer"}, IMAGE),
    "gh attestation verify": ({"--repo"}, f"oci://{IMAGE}"),
    "docker buildx imagetools inspect": ({"--format"}, IMAGE),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("verify"), ci="github")


@pytest.fixture(scope="module")
def calls(project: BakedProject, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What the README's lines call, in order: tool, image and options, for the repository Team/App."""
    fakes = Fakes(tmp_path_factory.mktemp("fakes") / "bin", "cosign", "gh", "docker")
    script = checking_script(project, IMAGE).replace("OWNER/REPOSITORY", "Team/App")
    result = subprocess.run(
        ["bash", "-euc", script], env={"PATH": fakes.path}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return [parsed(call) for call in fakes.calls]


def parsed(call: str) -> dict[str, str]:
    """Split a call; an option that the tool does not have, or an image that is written otherwise, fails."""
    [tool] = [name for name in KNOWN if call.startswith(f"{name} ")]
    options, image = KNOWN[tool]
    found = {"tool": tool}
    for word in re.split(r" (?=--)", call.removeprefix(f"{tool} ")):
        name, _, value = word.partition(" ")
        if name.startswith("--"):
            assert name in options, call
            found[name] = value
        else:
            assert name == image, call
            found["image"] = name
    return found


@NEEDS_BASH
def test_each_tool_is_asked_about_the_image(calls: list[dict[str, str]]) -> None:
    assert [call["tool"] for call in calls] == [*KNOWN, "docker buildx imagetools inspect"]
    assert all("image" in call for call in calls)
    assert [call["--format"] for call in calls[2:]] == ["{{json .Provenance}}", "{{json .SBOM}}"]


@NEEDS_BASH
def test_the_signature_is_that_of_this_repositorys_workflow(calls: list[dict[str, str]]) -> None:
    """Its identity in the certificate is the address of the workflow at the tag (Fulcio, docs/oidc.md)."""
    [cosign] = [call for call in calls if call["tool"] == "cosign verify"]
    assert cosign["--certificate-oidc-issuer"] == "https://token.actions.githubusercontent.com"
    pattern = cosign["--certificate-identity-regexp"]
    assert re.search(pattern, f"https://github.com/Team/App/.github/workflows/ci.yml@{VERSION_TAG.ref}")
    for other in ("Team/App-two", "Else/App", "Team/Apple"):
        assert not re.search(pattern, f"https://github.com/{other}/.github/workflows/ci.yml@{VERSION_TAG.ref}"), other
    assert not re.search(pattern, "https://example.com/https://github.com/Team/App/x")


@NEEDS_BASH
def test_the_attestation_is_looked_for_in_this_repository(calls: list[dict[str, str]]) -> None:
    [gh] = [call for call in calls if call["tool"] == "gh attestation verify"]
    assert gh["--repo"] == "Team/App"


def test_what_is_shown_is_what_the_release_writes(project: BakedProject) -> None:
    """Provenance in full and a bill of materials, under the name that the README's example has."""
    options = build_options(project)
    assert (options["provenance"], options["sbom"]) == ("mode=max", True)
    assert "\nimage=ghcr.io/OWNER/REPOSITORY:1.2.3\n" in project.read("README.md")
