"""Mutants of our own workflows and of the refresh: pins that would be raised to what cannot be used, or not at all."""

from __future__ import annotations

from mutants.mutant import Mutant

REFRESH = "tools/refresh.py"
TESTS = "update/test_pins.py::"
RAISED = f"{TESTS}test_every_pin_is_raised_to_the_newest_that_can_be_used"

WORKFLOWS = "bake/test_own_workflows.py::"

MUTANTS = [
    Mutant(
        name="a release of today is taken",
        file=REFRESH,
        old="COOL_DOWN_DAYS = 7",
        new="COOL_DOWN_DAYS = 0",
        test=RAISED,
        why="a malicious release would reach every new project before it is withdrawn",
    ),
    Mutant(
        name="a version without its platform packages is taken",
        file=REFRESH,
        old="    return all(npm_view(sibling",
        new="    return True or all(npm_view(sibling",
        test=RAISED,
        why="`npm ci` would fail on the platform that is missing",
    ),
    Mutant(
        name="npm's latest is not looked at",
        file=REFRESH,
        old="if numbers(v) <= latest and old_enough",
        new="if old_enough",
        test=RAISED,
        why="a version that its authors do not call latest yet would be taken",
    ),
    Mutant(
        name="types of another Node line",
        file=REFRESH,
        old='"@types/node", keeps_major=True',
        new='"@types/node"',
        test=RAISED,
        why="TypeScript would accept what the project's Node does not have",
    ),
    Mutant(
        name="of an image's tags, the first page",
        file=REFRESH,
        old='        page = answer["next"]\n',
        new="        break\n",
        test=RAISED,
        why="an old tag would look like the newest",
    ),
    Mutant(
        name="the scanner's release of today is taken",
        file=REFRESH,
        old='if not owner or old_enough(tag["tag_last_pushed"])]',
        new="]",
        test=RAISED,
        why="a malicious release would scan images before it is withdrawn",
    ),
    Mutant(
        name="the scanner's versions are not understood",
        file=REFRESH,
        old='[re.sub(r"^v(?=\\d)", "", tag) for tag in tags]',
        new="tags",
        test=RAISED,
        why="a new project would scan with the same old version for ever, until its database ends",
    ),
    Mutant(
        name="HAProxy's short-lived versions are taken",
        file=REFRESH,
        old="[1] % 2 == 0",
        new="[1] >= 0",
        test=RAISED,
        why="a project would deploy a balancer without repairs a year later",
    ),
    Mutant(
        name="an image's tag becomes more exact",
        file=REFRESH,
        old="same_parts or not place.keeps_parts",
        new="True or not place.keeps_parts",
        test=RAISED,
        why="repairs of the balancer would no longer arrive by themselves",
    ),
    Mutant(
        name="the docker image without its daemon",
        file=REFRESH,
        old='return f"{version}-dind" in IMAGES.versions(name)',
        new="return bool(version)",
        test=RAISED,
        why="GitLab's job would wait for a service that cannot be pulled",
    ),
    Mutant(
        name="a newer Python than ours",
        file=REFRESH,
        old='("--python-version", python, ',
        new="(",
        test=RAISED,
        why="the tests could not be installed with the oldest Python that the template supports",
    ),
    Mutant(
        name="prereleases of actions are taken",
        file=REFRESH,
        old=' and not r["prerelease"]',
        new="",
        test=RAISED,
        why="an unfinished action would run with a token that may publish",
    ),
    Mutant(
        name="an action's commit is not raised",
        file=REFRESH,
        old='pin = pin.replace(found["commit"], action_commit(name, version))',
        new="pass",
        test=RAISED,
        why="the comment would name a version that does not run",
    ),
    Mutant(
        name="holds are ignored",
        file=REFRESH,
        old="not held and ",
        new="",
        test=RAISED,
        why="a version known to break the projects would come back every week",
    ),
    Mutant(
        name="generated workflows are not refreshed",
        file=REFRESH,
        old='    Place(GITHUB, f"{PROJECT}/.github/workflows/*.yml*", ACTION),\n',
        new="",
        test=f"{TESTS}test_every_workflow_is_refreshed",
        why="new projects would start with old actions",
    ),
    Mutant(
        name="an action of two versions",
        file=".github/workflows/refresh.yml",
        old="# v7.0.1",
        new="# v7.0.0",
        times=2,
        test=f"{TESTS}test_an_action_has_one_version_everywhere",
        why="one of them is not what was looked up",
    ),
    Mutant(
        name="newer pins are offered untested",
        file=".github/workflows/refresh.yml",
        old="      - run: make test\n",
        new="",
        test=f"{WORKFLOWS}test_newer_pins_are_proved_and_then_offered",
        why="a version that breaks every project would be offered as one that was tried",
    ),
    Mutant(
        name="an empty pull request each week",
        file=".github/workflows/refresh.yml",
        old="          if git diff --cached --quiet; then exit 0; fi\n",
        new="",
        test=f"{WORKFLOWS}test_nothing_is_offered_that_fails_or_changes_nothing",
        why="the weekly job would fail whenever nothing is new",
    ),
    Mutant(
        name="our own CI runs no test",
        file=".github/workflows/ci.yml",
        old="      - run: make test\n",
        new="",
        test=f"{WORKFLOWS}test_linux_does_the_two_commands",
        why="a template whose changes nobody tests breaks every new project",
    ),
]
