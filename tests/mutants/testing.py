"""Mutants of what `make test` runs and of how `make dev` follows edits."""

from __future__ import annotations

from mutants.mutant import Mutant

MAKEFILE = "project/Makefile"
SCRIPT = "project/scripts/test.sh"
TEST = "bake/test_make_test.py::"
FOLLOW = "project/scripts/dev.sh"
DEV = "bake/test_make_dev.py::"

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
        name="make test leaves its folder when a build fails",
        file=MAKEFILE,
        old="""trap 'rm -rf "$$IDS"' EXIT INT TERM HUP; """,
        new="",
        test=f"{TEST}test_it_leaves_no_temporary_folder",
        why="each red run would leave one more folder on the machine",
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
        old="check lint ' (make format corrects what is only style)'\n",
        new="",
        test=f"{TEST}test_it_passes_when_all_of_it_does",
        why="CI would accept what `make lint` refuses",
    ),
    Mutant(
        name="a failed lint names no cure",
        file=SCRIPT,
        old="check lint ' (make format corrects what is only style)'\n",
        new="check lint\n",
        test=f"{TEST}test_what_fails_is_named",
        why="a newcomer would correct style by hand",
    ),
    Mutant(
        name="failing tests pass",
        file=SCRIPT,
        old='    *) fail "$1$2" ;;\n',
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
        name="make test uses the volumes and networks of others",
        file=SCRIPT,
        old="name: ${project}_\\1, ",
        new="",
        test=f"{TEST}test_it_shares_no_port_name_volume_or_network_with_others",
        why="`make test` would delete a database whose volume has a name, and need the network of another project",
    ),
    Mutant(
        name="make test goes on with files that Compose refuses",
        file=SCRIPT,
        old="  settings=$(compose config) || return\n",
        new="  settings=$(compose config)\n",
        test=f"{TEST}test_files_that_compose_refuses_are_not_tested",
        why="the reason would stand above another one, of a later step",
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
        name="each rebuild of make dev follows the log once more",
        file=FOLLOW,
        old="""  if [ -n "$logs" ]; then kill "$logs" 2>/dev/null; fi\n""",
        new="",
        test=f"{DEV}test_a_container_that_is_kept_is_followed_once",
        why="every line would come twice, and three times after the next edit of .env",
    ),
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

MUTANTS = [*CHECKS, *DEVELOPMENT]
