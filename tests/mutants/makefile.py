"""Mutants of what the Makefile gives to builds and does with images."""

from __future__ import annotations

from mutants.mutant import Mutant

MAKEFILE = "project/Makefile"
BUILD = "bake/test_make_build.py::"

MUTANTS = [
    Mutant(
        name="podman gets no checksum of the project",
        file=MAKEFILE,
        old="$(if $(findstring podman,$(DOCKER)),$(PODMAN))",
        new="$(if $(findstring podman,$(DOCKER)),--format docker)",
        test="docker/company/test_podman.py::test_a_build_has_what_the_manifests_say",
        why="a second build after `make add` would go back to the packages of before",
    ),
    Mutant(
        name="an edit leaves the checksum that podman gets as it was",
        file=MAKEFILE,
        old="-type f -exec cksum {} +\n",
        new="-type f -print\n",
        test=f"{BUILD}test_podman_gets_a_checksum_of_the_project",
        why="a build with podman would have the packages of before",
    ),
    Mutant(
        name="an installation does not read the checksum",
        file="templates/install/npm.production",
        old="ARG CHECKSUM\n",
        new="",
        test=f"{BUILD}test_a_stage_that_mounts_another_one_reads_the_checksum[npm]",
        why="a build with podman would have the packages of before",
    ),
    Mutant(
        name="the CA is not given to builds",
        file=MAKEFILE,
        old='  $${NODE_EXTRA_CA_CERTS:+--secret "id=extra_ca,src=$$NODE_EXTRA_CA_CERTS"} \\\n',
        new="",
        test=f"{BUILD}test_a_file_is_a_secret",
        why="no build would work behind a company's CA",
    ),
    Mutant(
        name="the npm configuration is a build argument",
        file=MAKEFILE,
        old='$${NPMRC:+--secret "id=npmrc,src=$$NPMRC"}',
        new="$${NPMRC:+--build-arg NPMRC}",
        test=f"{BUILD}test_a_file_is_a_secret",
        why="a token would stay in the image's history",
    ),
    Mutant(
        name="proxies in lower case are lost",
        file=MAKEFILE,
        old="HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy",
        new="HTTP_PROXY HTTPS_PROXY NO_PROXY",
        test=f"{BUILD}test_a_proxy_is_a_build_argument_without_its_value",
        why="most tools and most machines set them in lower case",
    ),
    Mutant(
        name="a proxy's password on the command line",
        file=MAKEFILE,
        old="$(PROXIES:%=--build-arg %)",
        new="$(foreach p,$(PROXIES),--build-arg $p=$($p))",
        test=f"{BUILD}test_a_proxy_is_a_build_argument_without_its_value",
        why="every user of the machine could read it",
    ),
    Mutant(
        name="the mirror serves one base image only",
        file=MAKEFILE,
        old="$(foreach b,$(MIRRORED),--build-context",
        new="$(foreach b,$(firstword $(MIRRORED)),--build-context",
        test=f"{BUILD}test_a_mirror_serves_every_base_image",
        why="the build would go to the internet for the second",
    ),
    Mutant(
        name="the platform is ignored",
        file=MAKEFILE,
        old="  $(if $(PLATFORM),--platform $(PLATFORM)) ",
        new="  ",
        test=f"{BUILD}test_a_platform_is_passed_on",
        why="an image for another processor would be one for this",
    ),
    Mutant(
        name="another project's image is replaced",
        file=MAKEFILE,
        old="$($(IMAGE_ID) --filter label=$(LABEL))",
        new="$($(IMAGE_ID))",
        test=f"{BUILD}test_an_image_of_another_project_is_not_replaced",
        why="two projects with one name would overwrite each other",
    ),
    Mutant(
        name="push without a registry",
        file=MAKEFILE,
        old="| grep -q / \\\n",
        new="| grep -q . \\\n",
        test=f"{BUILD}test_an_image_is_pushed_only_to_a_registry_that_was_named",
        why="it would go to a stranger's name on Docker Hub",
    ),
    Mutant(
        name="clean leaves the images",
        file=MAKEFILE,
        old="$(DOCKER) rmi --force $$images >/dev/null",
        new="true $$images",
        test=f"{BUILD}test_clean_removes_the_images_of_this_project_and_its_outputs",
        why="disks fill up",
    ),
    Mutant(
        name="clean removes every image of the machine",
        file=MAKEFILE,
        old="images --all --quiet --filter label=$(LABEL)",
        new="images --all --quiet",
        test=f"{BUILD}test_clean_removes_the_images_of_this_project_and_its_outputs",
        why="other projects would have to be built again",
    ),
    Mutant(
        name="the tag is always latest",
        file=MAKEFILE,
        old="= $(VERSION)\n",
        new="= latest\n",
        test=f"{BUILD}test_the_tag_is_the_version_of_package_json",
        why="nobody could say which version runs",
    ),
]
