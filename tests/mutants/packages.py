"""Mutants of what production keeps of node_modules, noticed by real packages."""

from __future__ import annotations

from mutants.mutant import Mutant

PRODUCTION = "project/scripts/image/production.mjs"
PRUNING = "docker/image/test_pruning.py::test_tests_stay_where_code_reaches_them"
BATCH = "docker/packages/test_packages.py::test_every_batch[{}]"

MUTANTS = [
    Mutant(
        name="addons for musl stay",
        file=PRODUCTION,
        old="    foreign.has(file) ||\n",
        new="",
        test=BATCH.format("natives"),
        why="an addon for Alpine can not run here, and its library is not there",
    ),
    Mutant(
        name="programs for Windows and macOS stay",
        file=PRODUCTION,
        old="(heads.has(file) && isOfAnotherSystem(heads.get(file)))",
        new="false",
        test=BATCH.format("natives"),
        why="half of a large package can be programs that never run here",
    ),
    Mutant(
        name="maps that browsers ask for are pruned",
        file=PRODUCTION,
        old="(MAPS.test(file) && !FOR_BROWSERS.test(file))",
        new="MAPS.test(file)",
        test=BATCH.format("servers"),
        why="socket.io answers 500 to the developer tools of a browser",
    ),
    Mutant(
        name="type declarations that a compiler reads are pruned",
        file=PRODUCTION,
        old="(TYPES.test(file) && !hasCompiler)",
        new="TYPES.test(file)",
        test=BATCH.format("generators"),
        why='a service that checks types says "Cannot find global type Array"',
    ),
    Mutant(
        name="notices are pruned",
        file=PRODUCTION,
        old="(README.test(file) && licensed.has(path.dirname(file)))",
        new="README.test(file)",
        test=BATCH.format("natives"),
        why="sharp's licences stand in its README alone",
    ),
    Mutant(
        name="an example keeps the tests that it names",
        file=PRODUCTION,
        old="own.filter((file) => !TRIALS.test(file))",
        new="own",
        test=PRUNING,
        why="fastify's tests would be 2 MB of every image",
    ),
    Mutant(
        name="tests that code reaches by an example are pruned",
        file=PRODUCTION,
        old="used.some(names(NAMES_TRIALS)) ? own : used",
        new="used",
        test=PRUNING,
        why="a package would load in development only",
    ),
    Mutant(
        name="a template's package.json stops pruning",
        file=PRODUCTION,
        old="  } catch {\n    return text;\n",
        new="  } catch (error) {\n    throw error;\n",
        test=PRUNING,
        why="a build would end with a stack trace that names no package",
    ),
    Mutant(
        name="maps that are data are pruned",
        file=PRODUCTION,
        old="const MAPS = /\\.([cm]?[jt]sx?|css)\\.map$/;",
        new="const MAPS = /\\.map$/;",
        test=PRUNING,
        why="a package that reads its own .map file would fail in production alone",
    ),
    Mutant(
        name="licences among manuals are pruned",
        file=PRODUCTION,
        old="(MANUALS.test(file) && !LICENCE.test(file)) ||",
        new="MANUALS.test(file) ||",
        test=PRUNING,
        why="a licence must come with what it covers",
    ),
    Mutant(
        name="a workspace's prepare runs",
        file="project/scripts/image/manifests.mjs",
        old="manifest?.scripts?.prepare === undefined ||",
        new="true ||",
        test="docker/image/test_installation.py::test_own_packages_patches_and_hooks[npm-minimal]",
        why="a hook of git in a workspace would stop every image",
    ),
]
