"""A private registry that asks for a token, behind a private CA: the build gets both, the image neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.company.builds import PrivateBuild, depend_on, make, module_in
from support.company.surroundings import Surroundings
from support.company.traces import image_traces, log_traces
from support.running import Service

# What npm says about a CA that it does not know (Node's TLS error codes).
UNTRUSTED = (
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
)


def test_package_that_only_the_private_registry_has(private: PrivateBuild, company: Surroundings) -> None:
    assert module_in(private.service, private.package) == private.package.says
    assert company.address not in private.service.project.read("package-lock.json")
    assert "passed: lint, tests, and the production image" in private.log


def test_nothing_leaks(private: PrivateBuild, company: Surroundings) -> None:
    tags = {image.rpartition(":")[2] for image in private.images}
    assert {"0.1.0", "base", "build", "dev", "test"} <= tags
    authority = company.authority.splitlines()[2]
    secrets = (company.token, private.canary, authority)
    assert image_traces(private.images, *secrets) == []
    assert log_traces(private.log, *secrets) == []


@pytest.mark.full
def test_scoped_registry_over_plain_http(
    company: Surroundings, project: Service, host: dict[str, str], tmp_path: Path
) -> None:
    """Only one scope comes from the company, without its CA; the rest as this machine gets it."""
    package = company.publish("@other")
    depend_on(project.project, package)
    registry = f"http://{company.address}:4873"
    npmrc = company.npmrc(tmp_path / "npmrc", registry, scope="@other")
    status, log = make(project.project, "build", **{**host, "NPMRC": str(npmrc)})
    assert status == 0, log
    assert module_in(project, package) == package.says
    assert log_traces(log, company.token) == []


@pytest.mark.parametrize("missing", ["token", "ca"])
def test_without(company: Surroundings, project: Service, tmp_path: Path, missing: str) -> None:
    """Without the token the registry refuses, without the CA npm does: nothing else lets the build pass."""
    depend_on(project.project, company.publish())
    settings = {
        "NPMRC": str(company.npmrc(tmp_path / "npmrc", company.registry, token="" if missing == "token" else None)),
        "NODE_EXTRA_CA_CERTS": str(company.bundle(tmp_path / "ca.pem")) if missing != "ca" else "",
    }
    status, log = make(project.project, "build", **settings)
    assert status != 0
    expected = UNTRUSTED if missing == "ca" else ("E401",)
    assert any(code in log for code in expected), log
    assert log_traces(log, company.token) == []


@pytest.mark.parametrize("variable", ["NODE_EXTRA_CA_CERTS", "NPMRC"])
@pytest.mark.parametrize("target", ["build", "lock", "lint"])
def test_path_that_does_not_exist(project: Service, variable: str, target: str) -> None:
    status, log = make(project.project, target, **{variable: "/no/such/file"})
    assert status != 0
    lines = [line for line in log.splitlines() if not line.startswith("make")]
    assert len(lines) == 1
    assert lines[0].endswith(f"{variable} names no file: /no/such/file")
