"""The README's lines that check a release name the image that is pushed, and the identity that signs it.

The tools are fakes that know their documented options. What Docker's lines print: tests/docker/company/test_verify.py.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from support.baking import BakedProject, bake, not_on_windows
from support.fakes import Fakes
from support.github import VERSION_TAG
from support.release import build_options, checking_script

NEEDS_BASH = not_on_windows("bash that runs the fakes")
GITHUB, GITLAB = "ghcr.io/team/app:1.2.3", "registry.gitlab.com/team/app:1.2.3"
IDENTITY = {"--certificate-identity-regexp", "--certificate-oidc-issuer"}
# Options with a value (cosign's doc/cosign_verify.md and cosign_verify-attestation.md; `gh attestation verify --help`;
# buildx's docs/reference/buildx_imagetools_inspect.md).
KNOWN = {
    "cosign verify": IDENTITY,
    "cosign verify-attestation": {*IDENTITY, "--type"},
    "gh attestation verify": {"--repo"},
    "docker buildx imagetools inspect": {"--format"},
}


def called(project: BakedProject, image: str, folder: Path) -> list[dict[str, str]]:
    """Run the README's lines for the repository Team/App; return each call's tool, image and options, in order."""
    fakes = Fakes(folder / "bin", "cosign", "gh", "docker")
    script = re.sub("OWNER/REPOSITORY|GROUP/PROJECT", "Team/App", checking_script(project, image))
    result = subprocess.run(
        ["bash", "-euc", script], env={"PATH": fakes.path}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return [parsed(call, image) for call in fakes.calls]


def parsed(call: str, image: str) -> dict[str, str]:
    """Split a call; an option that the tool does not have, or an image that is written otherwise, fails."""
    [tool] = [name for name in KNOWN if call.startswith(f"{name} ")]
    found = {"tool": tool}
    for word in re.split(r" (?=--)", call.removeprefix(f"{tool} ")):
        name, _, value = word.partition(" ")
        if name.startswith("--"):
            assert name in KNOWN[tool], call
            found[name] = value
        else:
            assert word == (f"oci://{image}" if tool.startswith("gh ") else image), call
            found["image"] = image
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("verify"), ci="github")


@pytest.fixture(scope="module")
def calls(project: BakedProject, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What the lines of a project on GitHub call."""
    return called(project, GITHUB, tmp_path_factory.mktemp("github"))


@pytest.fixture(scope="module")
def calls_on_gitlab(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What the lines of a project on GitLab call."""
    folder = tmp_path_factory.mktemp("gitlab")
    return called(bake(folder, ci="gitlab"), GITLAB, folder)


@NEEDS_BASH
def test_each_tool_is_asked_about_the_image(calls: list[dict[str, str]]) -> None:
    docker = "docker buildx imagetools inspect"
    assert [call["tool"] for call in calls] == ["cosign verify", "gh attestation verify", docker, docker]
    assert all("image" in call for call in calls)
    assert [call["--format"] for call in calls[2:]] == ["{{json .Provenance}}", "{{json .SBOM}}"]


@NEEDS_BASH
def test_on_gitlab_signature_and_bill_of_materials(calls_on_gitlab: list[dict[str, str]]) -> None:
    assert [call["tool"] for call in calls_on_gitlab] == ["cosign verify", "cosign verify-attestation"]
    assert all("image" in call for call in calls_on_gitlab)
    assert calls_on_gitlab[1]["--type"] == "cyclonedx"


@NEEDS_BASH
def test_the_signature_is_that_of_this_repositorys_workflow(calls: list[dict[str, str]]) -> None:
    """Its identity in the certificate is the address of the workflow at the tag (Fulcio, docs/oidc.md)."""
    assert calls[0]["--certificate-oidc-issuer"] == "https://token.actions.githubusercontent.com"
    counts_for_one_project(calls[0], "https://github.com/{}/.github/workflows/ci.yml@" + VERSION_TAG.ref)


@NEEDS_BASH
@pytest.mark.parametrize("number", [0, 1])
def test_on_gitlab_that_of_this_projects_pipeline(calls_on_gitlab: list[dict[str, str]], number: int) -> None:
    """There the identity has two strokes between project and file."""
    call = calls_on_gitlab[number]
    assert call["--certificate-oidc-issuer"] == "https://gitlab.com"
    counts_for_one_project(call, "https://gitlab.com/{}//.gitlab-ci.yml@refs/tags/v1.2.3")


def counts_for_one_project(call: dict[str, str], identity: str) -> None:
    """The pattern takes Team/App, and no name that only looks like it; `{}` in the identity is the project's."""
    pattern = call["--certificate-identity-regexp"]
    assert re.search(pattern, identity.format("Team/App"))
    for other in ("Team/App-two", "Else/App", "Team/Apple"):
        assert not re.search(pattern, identity.format(other)), other
    assert not re.search(pattern, "https://example.com/" + identity.format("Team/App"))


@NEEDS_BASH
def test_the_attestation_is_looked_for_in_this_repository(calls: list[dict[str, str]]) -> None:
    assert calls[1]["--repo"] == "Team/App"


def test_what_is_shown_is_what_the_release_writes(project: BakedProject) -> None:
    """Provenance in full and a bill of materials, under the name that the README's example has."""
    options = build_options(project)
    assert (options["provenance"], options["sbom"]) == ("mode=max", True)
    assert "\nimage=ghcr.io/OWNER/REPOSITORY:1.2.3\n" in project.read("README.md")
