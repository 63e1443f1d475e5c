"""pnpm and yarn behind the private CA: with it, without it, and pnpm with the token of NPMRC too."""

from __future__ import annotations

import docker
import pytest

from realworld.conftest import make, private_build
from realworld.surroundings import Surroundings
from realworld.test_private_registry import UNTRUSTED, module_in
from realworld.traces import image_traces, log_traces
from running import project_of

pytestmark = pytest.mark.full
# pnpm is a native program with TLS of its own, whose words differ.
REFUSED = (*UNTRUSTED, "self-signed", "self signed", "UnknownIssuer", "certificate")


def test_pnpm_with_token(
    company: Surroundings, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pnpm")
    with private_build(company, client, folder, "build", "test", package_manager="pnpm") as it:
        assert module_in(it.service, it.package) == it.package.says
        assert image_traces(it.images, company.token, it.canary) == []
        assert log_traces(it.log, company.token, it.canary) == []
        # Another package, so that no cache can answer; without the CA.
        other = company.publish()
        status, log = make(it.service.project, "add", f"PACKAGE={other.name}", NPMRC=it.settings["NPMRC"])
        assert status != 0
        assert any(word in log for word in REFUSED), log


def test_yarn_with_a_registry_of_its_own_configuration(
    company: Surroundings, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """yarn reads no npm configuration: the registry stands in the project's .yarnrc.yml, without a token.

    What was published just now is quarantined by yarn unless it is approved there.
    """
    folder = tmp_path_factory.mktemp("yarn")
    authority = {"NODE_EXTRA_CA_CERTS": str(company.bundle(folder / "ca.pem", company.password))}
    with project_of(folder / "project", client, package_manager="yarn") as service:
        settings = service.project.path / ".yarnrc.yml"
        scope = f"npmScopes:\n  open:\n    npmRegistryServer: {company.registry}\n"
        settings.write_text(settings.read_text() + scope + "httpRetry: 0\nnpmPreapprovedPackages:\n  - '@open/*'\n")
        package, other = company.publish("@open"), company.publish("@open")
        log = ""
        for arguments in (["add", f"PACKAGE={package.name}"], ["build"], ["lint"]):
            status, output = make(service.project, *arguments, **authority)
            assert status == 0, output
            log += output
        assert module_in(service, package) == package.says
        assert image_traces([service.tag], company.password) == []
        assert log_traces(log, company.password) == []
        status, log = make(service.project, "add", f"PACKAGE={other.name}")
        assert status != 0
        assert any(word in log for word in REFUSED), log
