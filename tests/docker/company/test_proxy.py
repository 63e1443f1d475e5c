"""Builds through a forward proxy with a login: it alone can find the registry, so nothing passes beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.company.builds import depend_on, make, module_in
from support.company.surroundings import NAME, Surroundings
from support.company.traces import image_traces, log_traces
from support.planted import exempt
from support.running import Service

upper, lower = str.upper, str.lower


def settings(company: Surroundings, folder: Path, port: int) -> dict[str, str]:
    """Return a user's settings for the registry under the name that only the proxy can resolve."""
    scheme = "https" if port == 4874 else "http"
    return {
        "NPMRC": str(company.npmrc(folder / "npmrc", f"{scheme}://{NAME}:{port}")),
        "NODE_EXTRA_CA_CERTS": str(company.bundle(folder / "ca.pem")),
    }


full = pytest.mark.full


@pytest.mark.parametrize(
    ("variable", "method", "port"),
    [
        ("HTTPS_PROXY", "CONNECT", 4874),
        pytest.param("https_proxy", "CONNECT", 4874, marks=full),
        pytest.param("HTTP_PROXY", "GET", 4873, marks=full),
        pytest.param("http_proxy", "GET", 4873, marks=full),
    ],
)
def test_build_through_the_proxy(
    company: Surroundings, project: Service, tmp_path: Path, variable: str, method: str, port: int
) -> None:
    package = company.publish()
    depend_on(project.project, package)
    before = len(company.proxied())
    taken = settings(company, tmp_path, port) | {variable: company.proxy}
    status, log = make(project.project, "build", **taken)
    assert status == 0, log
    seen = company.proxied()[before:]
    assert {(request["method"], request["status"]) for request in seen} == {(method, 200)}
    assert all(f"{NAME}:{port}" in request["target"] for request in seen)
    assert module_in(project, package) == package.says
    traces = (company.password, company.address, company.token)
    assert image_traces([project.tag], *traces) == []
    assert log_traces(log, *traces) == []


@full
@pytest.mark.parametrize("case", [upper, lower], ids=["upper", "lower"])
def test_hosts_of_no_proxy_are_asked_directly(
    company: Surroundings, project: Service, tmp_path: Path, case: Callable[[str], str]
) -> None:
    """The same build, told to go past the proxy, cannot find the registry."""
    depend_on(project.project, company.publish())
    before = len(company.proxied())
    taken = settings(company, tmp_path, 4874) | {case("https_proxy"): company.proxy, case("no_proxy"): NAME}
    status, log = make(project.project, "build", **taken)
    assert status != 0
    assert "ENOTFOUND" in log or "EAI_AGAIN" in log
    assert company.proxied()[before:] == []


@full
def test_add_and_lock_through_the_proxy(company: Surroundings, project: Service, tmp_path: Path) -> None:
    package = company.publish()
    # It was published just now.
    exempt(project.project, package.name)
    before = len(company.proxied())
    taken = settings(company, tmp_path, 4874) | {"HTTPS_PROXY": company.proxy}
    for arguments in (["add", f"PACKAGE={package.name}"], ["lock"]):
        status, log = make(project.project, *arguments, **taken)
        assert status == 0, log
        assert log_traces(log, company.password) == []
    assert package.name in project.project.read("package-lock.json")
    assert f"{NAME}:4874" in [request["target"] for request in company.proxied()[before:]]


@full
def test_proxy_that_is_not_there(company: Surroundings, project: Service, tmp_path: Path) -> None:
    """(A wrong login cannot be tested this way: npm repeats a request that was answered 407 for ever.)"""
    depend_on(project.project, company.publish())
    taken = settings(company, tmp_path, 4874) | {"HTTPS_PROXY": f"http://{company.address}:9"}
    status, log = make(project.project, "build", **taken)
    assert status != 0
    assert "ECONNREFUSED" in log
