"""Mutants of what update bots are told to keep up to date."""

from __future__ import annotations

from mutants.mutant import Mutant

DEPENDABOT = "project/.github/dependabot.yml"
RENOVATE = "project/renovate.json"
BOT_TESTS = "bake/test_update_bots.py::"
PACKAGE_MANAGER = "test_the_bots_find_the_package_manager_in_the_one_place_that_names_its_version"

MUTANTS = [
    Mutant(
        name="docker updates dropped from dependabot",
        file=DEPENDABOT,
        old="  - package-ecosystem: docker\n",
        new="  - package-ecosystem: docker-compose\n",
        test=f"{BOT_TESTS}test_dependabot_looks_at_everything_that_grows_old",
        why="base images would never be updated",
    ),
    Mutant(
        name="action updates dropped from dependabot",
        file=DEPENDABOT,
        old="  - package-ecosystem: github-actions\n",
        new="  - package-ecosystem: gitsubmodule\n",
        test=f"{BOT_TESTS}test_dependabot_looks_at_everything_that_grows_old",
        why="pinned actions would grow old",
    ),
    Mutant(
        name="dependabot does not look for the package manager",
        file=DEPENDABOT,
        old="    directories: [/, /scripts/image]\n",
        new="    directory: /\n",
        test=f"{BOT_TESTS}{PACKAGE_MANAGER}[github-yarn-@yarnpkg/cli-dist]",
        why="a pnpm or yarn with holes would install for ever",
    ),
    Mutant(
        name="the manifest of the package manager is a package",
        file="project/scripts/image/package.json",
        old='  "private": true,\n',
        new='  "name": "manager",\n  "private": true,\n',
        test=f"{BOT_TESTS}{PACKAGE_MANAGER}[github-pnpm-pnpm]",
        why="an edit of any script of the build would install every dependency anew",
    ),
    Mutant(
        name="the image names the version of its package manager",
        file="project/Dockerfile",
        old='"pnpm@$version"\n',
        new='"pnpm@12.21.0"\n',
        test="docker/company/test_other_managers.py::test_the_version_that_a_bot_writes_is_installed[pnpm-12.20.0]",
        why="a bot's request would pass its tests and change nothing",
    ),
    Mutant(
        name="a script of the build installs the package manager anew",
        file="project/Dockerfile",
        old="source=scripts/image/package.json,target=/scripts/package.json",
        new="source=scripts/image,target=/scripts",
        test="docker/company/test_other_managers.py::test_the_version_that_a_bot_writes_is_installed[yarn-4.18.0]",
        why="an update of one script would build every stage from its beginning",
    ),
    Mutant(
        name="dependabot offers a new major of Node's types",
        file=DEPENDABOT,
        old='      - dependency-name: "@types/node"\n        update-types: ["version-update:semver-major"]\n',
        new='      - dependency-name: "@types/none"\n        update-types: ["version-update:semver-major"]\n',
        test=f"{BOT_TESTS}test_what_dependabot_offers",
        why="types of another Node than the image has let code pass that does not run",
    ),
    Mutant(
        name="dependabot ignores every update of Node",
        file=DEPENDABOT,
        old='      - dependency-name: node\n        update-types: ["version-update:semver-major"]\n',
        new="      - dependency-name: node\n",
        test=f"{BOT_TESTS}test_what_dependabot_offers",
        why="the base image would keep its holes",
    ),
    Mutant(
        name="dependabot does not wait",
        file=DEPENDABOT,
        old="      default-days: 7\n",
        new="      default-days: 1\n",
        test=f"{BOT_TESTS}test_dependabot_waits_a_week",
        why="a stolen package is usually found out within days",
        times=3,
    ),
    Mutant(
        name="dependabot groups majors",
        file=DEPENDABOT,
        old="        update-types: [minor, patch]\n",
        new="        update-types: [major, minor, patch]\n",
        test=f"{BOT_TESTS}test_dependabot_opens_one_pull_request_for_what_is_compatible",
        why="one breaking update would hold up all the others",
    ),
    Mutant(
        name="renovate offers a new major of Node",
        file=RENOVATE,
        old='      "enabled": false\n',
        new='      "enabled": true\n',
        test=f"{BOT_TESTS}test_what_renovate_offers",
        why="it changes types, CI and every stage together",
    ),
    Mutant(
        name="renovate does not wait",
        file=RENOVATE,
        old='"7 days"',
        new='"1 day"',
        test=f"{BOT_TESTS}test_renovate_waits_a_week_and_pins_images",
        why="a stolen package is usually found out within days",
    ),
    Mutant(
        name="renovate looks for the stack elsewhere",
        file=RENOVATE,
        old="^deploy/stack",
        new="^stack",
        test=f"{BOT_TESTS}test_the_image_of_the_balancer_is_raised",
        why="the balancer would keep its holes",
    ),
]
