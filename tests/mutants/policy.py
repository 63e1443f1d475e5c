"""Mutants of what may come into a project, and of what `make add` says about it."""

from __future__ import annotations

from mutants.mutant import Mutant

NPMRC, PNPM, YARN = "project/.npmrc", "project/pnpm-workspace.yaml", "project/.yarnrc.yml"
INSTALL = "project/scripts/image/install.sh"
POLICY = "docker/packages/test_install_policy.py::"
WAITS = f"{POLICY}test_a_version_waits_for_a_day"
ORIGINS = f"{POLICY}test_nothing_comes_from_git_or_from_an_address"
ADD = f"{POLICY}test_make_add_says_which_script_to_allow[production-{{}}]"
NAMES = f"{POLICY}test_with_npm_make_add_names_the_script_that_it_brings[production]"
ALLOW = "project/scripts/image/allow-scripts.mjs"

MUTANTS = [
    Mutant(
        name="npm takes a version of today",
        file=NPMRC,
        old="min-release-age=1\n",
        new="",
        test=f"{WAITS}[npm]",
        why="a hijacked release would be locked before anybody has noticed it",
    ),
    Mutant(
        name="pnpm writes exceptions by itself",
        file=PNPM,
        old="minimumReleaseAge: 1440\n",
        new="",
        test=f"{WAITS}[pnpm]",
        why="without the line pnpm exempts a young version when it is asked for one",
    ),
    Mutant(
        name="yarn takes a version of today",
        file=YARN,
        old="npmMinimalAgeGate: 1d\n",
        new="npmMinimalAgeGate: 0\n",
        test=f"{WAITS}[yarn]",
        why="a hijacked release would be locked before anybody has noticed it",
    ),
    Mutant(
        name="what is locked waits, too",
        file=INSTALL,
        old="export npm_config_min_release_age=0\n",
        new="",
        test=f"{POLICY}test_what_is_locked_installs_at_any_age[npm]",
        why="a build of the same tree would depend on the day",
    ),
    Mutant(
        name="npm runs every install script",
        file=NPMRC,
        old="strict-allow-scripts=true\n",
        new="",
        test=NAMES,
        why="whoever takes over a package could run code in each build",
    ),
    Mutant(
        name="npm's strict refusal gets no hint",
        file=INSTALL,
        old="seen 'ESTRICTALLOWSCRIPTS|had",
        new="seen 'had",
        test=NAMES,
        why="nothing would say which line in which file lets the script run",
    ),
    Mutant(
        name="make add says nothing about scripts",
        file="project/Makefile",
        old="$(BUILD) --target deps . 2>&1",
        new="true",
        test=ADD.format("pnpm"),
        why="the next build would fail, perhaps in CI",
    ),
    Mutant(
        name="make add hides an installation that fails",
        file="project/Makefile",
        old="grep -q '==> ' \\\n",
        new="grep -q '' \\\n",
        test="bake/test_make_build.py::test_an_installation_after_add_that_fails_is_shown",
        why="the next build would fail, and nobody would know since when",
    ),
    Mutant(
        name="a script that somebody refused is allowed",
        file=ALLOW,
        old="new Set(added.filter((name) => !isDecided(name)))",
        new="new Set(added)",
        test=NAMES,
        why="each change of dependencies would undo the decision",
    ),
    Mutant(
        name="REFUSE is not obeyed",
        file=ALLOW,
        old="${!isRefused}",
        new="true",
        test=NAMES,
        why="a recipe's package would report each installation to its makers",
    ),
    Mutant(
        name="a name in REFUSE that is none is ignored",
        file=ALLOW,
        old="  process.exitCode = 1;\n",
        new="",
        test=NAMES,
        why="with a typing error the script would run that somebody meant to refuse",
    ),
    Mutant(
        name="a script that came without make is allowed",
        file=ALLOW,
        old="now.filter((name) => !known.includes(name))",
        new="now",
        test=NAMES,
        why="the next `make lock` would let in what a bot's request has brought",
    ),
    Mutant(
        name="yarn runs every install script",
        file=YARN,
        old="enableScripts: false\n",
        new="enableScripts: true\n",
        test=ADD.format("yarn"),
        why="whoever takes over a package could run code in each build",
    ),
    Mutant(
        name="npm takes packages from git",
        file=NPMRC,
        old="allow-git=none\n",
        new="",
        test=f"{ORIGINS}[npm-@young/from-git-a version from a registry; or `allow-git=root`]",
        why="what a branch holds can change after it was looked at",
    ),
    Mutant(
        name="npm takes packages from any address",
        file=NPMRC,
        old="allow-remote=none\n",
        new="",
        test=f"{ORIGINS}[npm-@young/from-afar-`make lock`, if only the lockfile has URLs; or `allow-remote=root`]",
        why="an archive at an address has neither a version nor a registry that withdraws it",
    ),
    Mutant(
        name="pnpm takes dependencies' packages from any address",
        file=PNPM,
        old="blockExoticSubdeps: true\n",
        new="blockExoticSubdeps: false\n",
        test=f"{ORIGINS}[pnpm-@young/from-afar-a version from a registry; or `blockExoticSubdeps: false`]",
        why="an archive at an address has neither a version nor a registry that withdraws it",
    ),
]
