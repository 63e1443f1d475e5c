"""Mutants of what production keeps of node_modules and the libraries that it needs, noticed by packages."""

from __future__ import annotations

from mutants.mutant import Mutant

PRODUCTION = "project/scripts/image/production.mjs"
LIBRARIES = "project/scripts/image/libraries.sh"
PRUNING_TESTS = "docker/image/test_pruning.py::"
PRUNING = f"{PRUNING_TESTS}test_tests_stay_where_code_reaches_them"
KEEP = "docker/image/test_contents.py::test_keep_spares_what_is_pruned"
LACKING = "docker/image/test_native_addons.py::test_a_library_that_is_not_there_stops_the_build[minimal]"
BATCH = "docker/packages/test_packages.py::test_every_batch[{}]"

MUTANTS = [
    Mutant(
        name="libraries are looked for anew for each dependency",
        file="project/Dockerfile",
        old="COPY --from=prod-deps /out/native/app /app\nWORKDIR",
        new="COPY --from=prod-deps /out/production/app /app\nWORKDIR",
        test="docker/image/test_installation.py::test_a_dependency_without_native_code_looks_for_no_libraries",
        why="each new dependency would cost a third of a second more",
    ),
    Mutant(
        name="the links between packages are not there where libraries are looked for",
        file=PRODUCTION,
        old="[...native, ...links]",
        new="native",
        test="docker/image/test_native_addons.py::test_an_addon_finds_its_library_in_another_package_of_pnpm",
        why="pnpm's sharp would not build: its library is in another package",
    ),
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
        old="!manifest?.scripts ||",
        new="true ||",
        test="docker/image/test_installation.py::test_own_packages_patches_and_hooks[npm-minimal]",
        why="a hook of git in a workspace would stop every image",
    ),
    Mutant(
        name="KEEP keeps nothing",
        file=PRODUCTION,
        old="|| kept.includes(name);",
        new=";",
        test=KEEP,
        why="who finds a file pruned would have no way to get it back",
    ),
    Mutant(
        name="KEEP=* keeps nothing",
        file=PRODUCTION,
        old="kept.includes('*') || ",
        new="",
        test=KEEP,
        why="who finds files pruned would have to name each package",
    ),
    Mutant(
        name="KEEP takes one name only",
        file=PRODUCTION,
        old=".split(/[\\s,]+/)",
        new=".split('\\n')",
        test=KEEP,
        why="of two packages in need of a file neither would have it",
    ),
    Mutant(
        name="a library that is not there passes",
        file=LIBRARIES,
        old="    failed=1\n",
        new="",
        test=LACKING,
        why="the service would end at its start, in production first",
    ),
    Mutant(
        name="a library that is not found is not seen",
        file=LIBRARIES,
        old=r"|\S+(?= => not found)",
        new="",
        test=LACKING,
        why="the service would end at its start, in production first",
    ),
    Mutant(
        name="OMIT leaves nothing out",
        file=PRODUCTION,
        old="!isOmitted(file) && ",
        new="",
        test=f"{PRUNING_TESTS}test_what_omit_names_is_left_out",
        why="native code that nothing loads and whose library is not there would stop every build",
    ),
    Mutant(
        name="OMIT takes files only",
        file=PRODUCTION,
        old="`${file}/`.includes(`${parent}/${name}/`)",
        new="`${file}/`.endsWith(`${parent}/${name}/`)",
        test=f"{PRUNING_TESTS}test_what_omit_names_is_left_out",
        why="each file of a folder would have to be named",
    ),
    Mutant(
        name="a typing error in KEEP is not told",
        file=PRODUCTION,
        old="if (unknown) console.error",
        new="if (!unknown) console.error",
        test=f"{PRUNING_TESTS}test_names_that_change_nothing_are_told",
        why="a package would be pruned that its owner believes to be kept",
    ),
]
