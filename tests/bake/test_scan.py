"""`make scan` with an engine that only pretends: what the scanner is given, what is printed, and what is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.baking import NEEDS_MAKE, BakedProject, bake
from support.fakes import Fakes

# It keeps what is copied into the container, prints the file `found` for the scanner and ends with `status`.
ENGINE = """\
case "$*" in
  version*) echo 26.1.5 ;;
  "compose version"*) echo 2.40.0 ;;
  save*) echo "an image" > "$3" ;;
  cp*) cp -R "$2" copied ;;
  start*) cat found; exit "$(cat status)" ;;
  rm*) ls "$TMPDIR" > left ;;
esac
"""
HIGH = "High CVE-1: some-package 1.0.0 (npm), fixed in 1.0.1"
CRITICAL = "Critical CVE-2: node 26.10.0 (binary), fixed in 26.10.1"


class Scan:
    """A `make scan` that has ended."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        found: str = "",
        status: int = 0,
        engine: str = ENGINE,
        accepted: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Bake, and scan with nothing of this machine's own settings but these; `accepted` is a .grype.yaml."""
        self.project: BakedProject = bake(folder / "project")
        self.fakes = Fakes(folder / "fakes")
        self.fakes.program("docker", engine)
        (self.project.path / "found").write_text(found)
        (self.project.path / "status").write_text(str(status))
        if accepted:
            (self.project.path / ".grype.yaml").write_text(accepted)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        ours = ("NODE_EXTRA_CA_CERTS", "NPMRC", "MIRROR", "PLATFORM")
        kept = {k: v for k, v in os.environ.items() if k not in ours and "proxy" not in k.lower()}
        self.result = subprocess.run(
            ["make", "--silent", "scan", *arguments],
            cwd=self.project.path,
            env={**kept, "PATH": self.fakes.path, "TMPDIR": str(self.temporary), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def sentence(self) -> str:
        """The last line that is not make's own."""
        return [line for line in self.result.stderr.splitlines() if not line.startswith("make")][-1]

    @property
    def status(self) -> int:
        """The script's own exit status; make's is 2 for any that is not 0."""
        [*named] = [line for line in self.result.stderr.splitlines() if line.startswith("make: ***")]
        return int(named[0].rpartition(" ")[2]) if named else 0

    def call(self, verb: str) -> str:
        """Return the only call of the engine that begins so."""
        [found] = [call for call in self.fakes.calls if call.startswith(f"docker {verb} ")]
        return found


@NEEDS_MAKE
def test_what_the_scanner_is_given(tmp_path: Path) -> None:
    """The image that was just built, as an archive, by a copy: no folder is mounted."""
    scan = Scan(tmp_path)
    assert scan.result.returncode == 0, scan.result.stderr
    builds = [call for call in scan.fakes.calls if call.startswith("docker build ")]
    assert [call.split(" --tag ")[1] for call in builds] == [
        "node-multi-stage-app:scanner .",
        "node-multi-stage-app:0.1.0 .",
    ]
    assert " --target scanner " in builds[0]
    assert scan.call("save").endswith(" node-multi-stage-app:0.1.0")
    copied = scan.project.path / "copied"
    assert sorted(file.name for file in copied.iterdir()) == ["ca", "image.tar", "list.tmpl"]
    assert (copied / "image.tar").read_text() == "an image\n"
    create = scan.call("create")
    settings, image, arguments = create.partition(" node-multi-stage-app:scanner ")
    assert image
    assert arguments.split()[0] == "docker-archive:image.tar"
    assert "--only-fixed --fail-on high" in arguments
    assert "--output template --template list.tmpl" in arguments
    assert "GRYPE_CHECK_FOR_APP_UPDATE=false" in settings
    assert "GRYPE_DB_REQUIRE_UPDATE_CHECK=true" in settings
    assert "--volume" not in settings
    assert "--mount" not in settings


@NEEDS_MAKE
def test_its_way_to_the_database(tmp_path: Path) -> None:
    """Proxies and the scanner's own variables by name, so that no password is on a command line; the CA as a file."""
    authority = tmp_path / "company ca.pem"
    authority.write_text("a certificate")
    proxy = "http://me:hunter2@proxy.example:3128"
    variables = {"HTTPS_PROXY": proxy, "no_proxy": "internal", "GRYPE_DB_UPDATE_URL": "https://mirror.example/db"}
    scan = Scan(tmp_path, environment={**variables, "NODE_EXTRA_CA_CERTS": str(authority)})
    assert scan.result.returncode == 0, scan.result.stderr
    create = scan.call("create").split()
    assert {f"--env={name}" for name in variables} == {word for word in create if word.startswith("--env=")}
    assert "SSL_CERT_DIR=/scan/ca" in create
    assert "hunter2" not in "".join(scan.fakes.calls)
    assert (scan.project.path / "copied" / "ca" / authority.name).read_text() == "a certificate"


@NEEDS_MAKE
def test_accepted_findings_are_given_too(tmp_path: Path) -> None:
    rules = "ignore:\n  - vulnerability: CVE-1\n"
    scan = Scan(tmp_path, accepted=rules)
    assert (scan.project.path / "copied" / ".grype.yaml").read_text() == rules


@NEEDS_MAKE
def test_it_is_built_for_this_machine(tmp_path: Path) -> None:
    """An image for another processor is scanned, not the scanner's own emulated."""
    builds = [c for c in Scan(tmp_path, "PLATFORM=linux/arm64").fakes.calls if c.startswith("docker build ")]
    assert ["--platform linux/arm64" in call for call in builds] == [False, True]


@NEEDS_MAKE
def test_nothing_found(tmp_path: Path) -> None:
    scan = Scan(tmp_path, found="\n")
    assert (scan.result.stdout, scan.status) == ("", 0)
    assert scan.sentence == "passed: node-multi-stage-app:0.1.0 has nothing of high severity that an update would fix"


@NEEDS_MAKE
def test_findings_are_the_whole_output(tmp_path: Path) -> None:
    """In one order and each once, whatever the order of the day."""
    scan = Scan(tmp_path, found=f"{HIGH}\n\n{CRITICAL}\n{HIGH}\n", status=2)
    assert scan.result.stdout == f"{CRITICAL}\n{HIGH}\n"
    assert scan.status == 1
    assert scan.sentence == "failed: update what is listed, or accept it in .grype.yaml, as the README says"


@NEEDS_MAKE
def test_what_the_build_has_to_say_is_no_finding(tmp_path: Path) -> None:
    """The weekly job takes all of the output for findings."""
    line = "==> KEEP or OMIT names nothing here: some-package"
    scan = Scan(tmp_path, engine=f'case "$*" in build*) echo "#9 0.12 {line}" >&2 ;; esac\n{ENGINE}')
    assert (scan.result.stdout, scan.status) == ("", 0)
    assert line in scan.result.stderr.splitlines()


@NEEDS_MAKE
@pytest.mark.parametrize(("found", "status"), [("", 1), (f"{HIGH}\n", 1), ("", 2), (f"{HIGH}\n", 137)])
def test_what_was_not_scanned_says_so(tmp_path: Path, found: str, status: int) -> None:
    """Its database is out of reach; it crashed, which a program in Go ends with 2; it was killed."""
    scan = Scan(tmp_path, found=found, status=status)
    assert (scan.result.stdout, scan.status) == ("", 2)
    assert "not scanned: " in scan.result.stderr
    assert "GRYPE_DB_UPDATE_URL" in scan.sentence


@NEEDS_MAKE
@pytest.mark.parametrize("verb", ["save", "create", "cp"])
def test_an_engine_that_refuses_a_step(tmp_path: Path, verb: str) -> None:
    scan = Scan(tmp_path, engine=f'case "$*" in {verb}*) echo "no {verb}" >&2; exit 1 ;; esac\n{ENGINE}')
    assert (scan.result.stdout, scan.status) == ("", 2)
    assert f"no {verb}" in scan.result.stderr


@NEEDS_MAKE
@pytest.mark.parametrize("step", ["save", "create", "start"])
@pytest.mark.parametrize("interrupted", [True, False])
def test_nothing_is_left(tmp_path: Path, step: str, interrupted: bool) -> None:
    """Neither the container, not even one that was still being made, nor the archive."""
    ends = 'kill -INT "$PPID"' if interrupted else "exit 1"
    scan = Scan(tmp_path, engine=f'case "$*" in {step}*) {ends} ;; esac\n{ENGINE}')
    assert scan.result.returncode != 0
    removed = scan.call("rm").split()
    assert "--force" in removed
    created = [call.split() for call in scan.fakes.calls if call.startswith("docker create")]
    assert all(call[call.index("--name") + 1] == removed[-1] for call in created)
    assert removed[-1].startswith("node-multi-stage-app_scan_")
    assert list(scan.temporary.iterdir()) == []
