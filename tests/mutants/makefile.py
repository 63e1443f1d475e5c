"""Mutants of the Makefile and of what `make test` runs."""

from __future__ import annotations

from mutants.mutant import Mutant

MAKEFILE = "project/Makefile"
BUILD = "bake/test_make_build.py::"
SCRIPT = "project/scripts/test.sh"
TEST = "bake/test_make_test.py::"
FOLLOW = "project/scripts/dev.sh"
DEV = "bake/test_make_dev.py::"

BUILDS = [
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
        old="\t  */*) ;; \\\n",
        new="\t  *) ;; \\\n",
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

CHECKS = [
    Mutant(
        name="an interrupted make test leaves its tag",
        file=SCRIPT,
        old="trap 'exit 130' INT TERM HUP\n",
        new="",
        test=f"{TEST}test_ctrl_c_at_its_first_step_leaves_nothing",
        why="every interrupted run would leave an image under a name of its own",
    ),
    Mutant(
        name="make test asks by name",
        file=SCRIPT,
        old='  --resolve "app:{{ cookiecutter.port }}:$address" "$url" ||',
        new='  "$url" ||',
        test="bake/test_make_test.py::test_only_a_path_is_asked",
        why="it would fail now and then, when the engine's DNS lacks the name",
    ),
    Mutant(
        name="make test starts production with the settings of nobody",
        file=SCRIPT,
        old="APP_ENV_FILE=.env.example",
        new="APP_ENV_FILE=/dev/null",
        test="docker/image/test_test_target.py::test_a_required_setting_comes_from_the_example",
        why="a service with a required setting could not pass",
    ),
    Mutant(
        name="smoke step always exits 0",
        file=SCRIPT,
        old='not_ready "$url does not answer 200"',
        new="true",
        test=f"{TEST}test_what_fails_is_named",
        why="an image that answers nothing would pass",
    ),
    Mutant(
        name="make test does not lint",
        file=SCRIPT,
        old="check lint\n",
        new="",
        test=f"{TEST}test_it_passes_when_all_of_it_does",
        why="CI would accept what `make lint` refuses",
    ),
    Mutant(
        name="failing tests pass",
        file=SCRIPT,
        old='    *) fail "$1" ;;\n',
        new="    *) ;;\n",
        test=f"{TEST}test_what_fails_is_named",
        why="`make test` would be green whatever the tests say",
    ),
    Mutant(
        name="tests without a time limit",
        file=SCRIPT,
        old="    124) fail",
        new="    999) fail",
        test=f"{TEST}test_what_fails_is_named",
        why="tests that hang would look like tests that fail",
    ),
    Mutant(
        name="an unhealthy image passes",
        file=SCRIPT,
        old='  *) not_ready "it is $state" ;;\n',
        new="  *) ;;\n",
        test=f"{TEST}test_an_image_that_does_not_become_healthy_shows_its_log",
        why="an orchestrator would restart it for ever",
    ),
    Mutant(
        name="an image that is unhealthy while it runs passes",
        file=SCRIPT,
        old='    not_ready "$(inspect "$words"',
        new='    true "$(inspect "$words"',
        test=f"{TEST}test_an_image_that_does_not_become_healthy_shows_its_log",
        why="an orchestrator would restart it for ever",
    ),
    Mutant(
        name="the first words of a health check count",
        file=SCRIPT,
        old="grep . | tail -n 1)",
        new="grep . | head -n 1)",
        test=f"{TEST}test_an_image_that_does_not_become_healthy_shows_its_log",
        why="a refused connection while it started would pass for the reason",
    ),
    Mutant(
        name="what production lacks passes",
        file=SCRIPT,
        old="  fail 'the production image lacks what is named above'\n",
        new="  true\n",
        test=f"{TEST}test_what_fails_is_named",
        why="a dependency that loads in development only would be found by customers",
    ),
    Mutant(
        name="make test uses the volumes of make run",
        file=SCRIPT,
        old="name: ${project}_&, ",
        new="",
        test=f"{TEST}test_it_shares_no_port_name_or_volume_with_make_run",
        why="`make test` would delete a database whose volume has a name",
    ),
    Mutant(
        name="make test tests what a tag names",
        file=SCRIPT,
        old='"$docker" tag "$(cat "$IDS/production")"',
        new='"$docker" tag "$IMAGE:$TAG"',
        test=f"{TEST}test_it_tests_what_it_built",
        why="another checkout's image would pass for this one's",
    ),
    Mutant(
        name="files that sources name may be missing",
        file="project/scripts/compare.mjs",
        old=", ...namedFiles()],",
        new="],",
        test="docker/image/test_test_target.py::test_it_names_what_production_lacks[minimal]",
        why="an openapi.yaml beside package.json would be missing in production alone",
    ),
    Mutant(
        name="packages that nobody depends on count as installed",
        file="project/scripts/compare.mjs",
        old=".name in dependencies;",
        new=".name !== '';",
        test="docker/image/test_test_target.py::test_it_names_what_production_lacks[minimal]",
        why="plugins that the service loads by path would be missing in production alone",
    ),
    Mutant(
        name="make test leaves its containers",
        file=SCRIPT,
        old="  compose down --remove-orphans --volumes >/dev/null 2>&1\n",
        new="",
        test=f"{TEST}test_nothing_is_left_and_nothing_published",
        why="every run would leave a network and a container",
    ),
]

DEVELOPMENT = [
    Mutant(
        name="make dev lets Compose build",
        file=FOLLOW,
        old='"$MAKE" --no-print-directory image-dev',
        new="compose build dev",
        test="docker/company/test_mirror.py::test_dev_builds_behind_ca_token_and_mirror",
        why="behind a private CA or a mirror it could not start",
    ),
    Mutant(
        name="make dev ignores patches",
        file=FOLLOW,
        old="      -o -name '*.patch' -o",
        new="      -o",
        test=f"{DEV}test_what_the_image_is_made_of_builds_it_anew",
        why="a changed patch would reach production and not development",
    ),
    Mutant(
        name="make dev ignores packages that are copied",
        file=FOLLOW,
        old='      find "$package" -name',
        new="      find /dev/null -name",
        test=f"{DEV}test_a_package_that_is_copied_builds_it_anew",
        why="with pnpm and yarn an edit of a file: package would not run before the next installation",
    ),
    Mutant(
        name="make dev loses edits during its build",
        file=FOLLOW,
        old='  [ -n "$edited" ]\n',
        new="  false\n",
        test=f"{DEV}test_an_edit_during_the_build_arrives",
        why="what is saved during a build would run only after the next save",
    ),
    Mutant(
        name="make dev always doubts Watch",
        file=FOLLOW,
        old="  rechecks=$((rechecks - 1))\n",
        new="",
        test=f"{DEV}test_what_watch_brings_builds_nothing",
        why="every save would build an image and start the service anew",
    ),
]

MUTANTS = [*BUILDS, *CHECKS, *DEVELOPMENT]
