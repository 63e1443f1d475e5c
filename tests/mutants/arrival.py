"""Mutants of what an installation gets of a project, and of what is beside the code: links, packed packages, names."""

from __future__ import annotations

from mutants.mutant import Mutant

MANIFESTS = "project/scripts/image/manifests.mjs"
PRODUCTION = "project/scripts/image/production.mjs"
ASSETS = "project/scripts/assets.mjs"
COMPARE = "project/scripts/compare.mjs"
ALLOW = "project/scripts/image/allow-scripts.mjs"
TAKEN = "docker/image/test_manifests.py::"
LINKS = f"{TAKEN}test_what_links_of_a_local_package_lead_to_arrives"
NOWHERE = f"{TAKEN}test_a_link_that_leads_nowhere_is_named"
SCRIPTS = f"{TAKEN}test_scripts_stay_if_an_installation_runs_one"
BROKEN = f"{TAKEN}test_a_manifest_that_nobody_can_read"
COMPLETED = "bake/test_assets.py::"
CORRECTED = f"{COMPLETED}test_names_of_sources_are_corrected_wherever_they_end_a_text"
LOOKED = "bake/test_compare.py::"

INSTALLATION = [
    Mutant(
        name="what a link of a local package leads to stays behind",
        file=MANIFESTS,
        old="    if (!place.split('/').includes('node_modules')) copy(place, name);\n",
        new="",
        test=LINKS,
        why="a file that is there in development would be missing in production alone",
    ),
    Mutant(
        name="a link by another link makes a folder of that one",
        file=MANIFESTS,
        old="if (fs.realpathSync(folder) !== folder) return",
        new="if (false) return",
        test=LINKS,
        why="COPY could not replace it: no image for development could be built",
    ),
    Mutant(
        name="production holds the links of local packages alone",
        file=PRODUCTION,
        old="target.includes('/node_modules/') ? [] :",
        new="fs.statSync(name).isFile() ? [] :",
        test=LINKS,
        why="a link to a file would lead nowhere in production alone",
    ),
    Mutant(
        name="a link may lead out of the project",
        file=MANIFESTS,
        old="if (!stat || name.startsWith('..')) stop(",
        new="if (!stat) stop(",
        test=NOWHERE,
        why="the build would end in the words of Node about a path that nobody knows",
    ),
    Mutant(
        name="npm's script `dependencies` is forgotten",
        file=MANIFESTS,
        old="(install|dependencies)$/",
        new="(install)$/",
        test=SCRIPTS,
        why="patches that it applies would be missing in production, without a word",
    ),
    Mutant(
        name="preprepare runs where prepare does not",
        file=MANIFESTS,
        old="prepublish, preprepare, prepare, postprepare,",
        new="prepublish, prepare,",
        test=SCRIPTS,
        why="a hook of git would stop every image, or run in it",
    ),
    Mutant(
        name="packed packages have one suffix",
        file=MANIFESTS,
        old="(patch|tgz|tar(\\.gz)?)$/i",
        new="(patch|tgz)$/",
        test=f"{TAKEN}test_packed_packages_are_taken_wherever_they_are",
        why="file:vendor/name.tar.gz, which every package manager takes, would not install",
    ),
    Mutant(
        name="a broken package.json of a test stops the build",
        file=MANIFESTS,
        old="if (folder !== '' && !linked.has(folder)) return undefined;",
        new="if (false) return undefined;",
        test=BROKEN,
        why="a fixture that no installation reads would stop every image",
    ),
    Mutant(
        name="a broken package.json is not named",
        file=MANIFESTS,
        old="return stop(`${name}: ",
        new="return stop(`",
        test=BROKEN,
        why="in a project of many packages nobody would know which",
    ),
    Mutant(
        name="make remove says nothing of names that are not there",
        file=ALLOW,
        old="if (missing) {",
        new="if (false) {",
        test="bake/test_make_remove.py::test_names_that_are_not_there_are_named",
        why="a typing error would leave a package, and whoever removes it would not know",
    ),
]

BESIDE = [
    Mutant(
        name="names of sources keep their suffix in plain JavaScript",
        file=ASSETS,
        old="const JAVASCRIPT = /\\.[cm]?js$/;",
        new="const JAVASCRIPT = /\\.[cm]js$/;",
        test=CORRECTED,
        why="a worker would run in development and be missing in production",
    ),
    Mutant(
        name="a text that only ends like a source is changed",
        file=ASSETS,
        old="modules.has(name) ? codeOf(name) : name",
        new="codeOf(name)",
        test=CORRECTED,
        why="names of files that are no sources would be others in production",
    ),
    Mutant(
        name="linked folders below src do not arrive in dist",
        file=ASSETS,
        old="fs.statSync(file).isDirectory() ? filesOf(file) : [file]",
        new="fs.lstatSync(file).isDirectory() ? filesOf(file) : fs.statSync(file).isFile() ? [file] : []",
        test=f"{COMPLETED}test_what_links_lead_to_arrives",
        why="views that sources share with another folder would be missing in production alone",
    ),
    Mutant(
        name="a link below src that leads nowhere is left out",
        file=ASSETS,
        old="      process.exit(1);\n",
        new="      return [];\n",
        test=f"{COMPLETED}test_a_link_that_leads_nowhere_is_named",
        why="its file would be missing in production, without a word",
    ),
    Mutant(
        name="make test is red for packed packages",
        file=COMPARE,
        old="    return Object.values(dependencies).some((range) => range.endsWith(file));\n",
        new="    return false;\n",
        test=f"{LOOKED}test_folders_of_packages_are_installed",
        why="a vendor/ of what package.json depends on would be called missing in production",
    ),
    Mutant(
        name="every archive counts as installed",
        file=COMPARE,
        old="    if (/^readme|\\.patch$/i.test(name)) return true;\n",
        new="    if (/^readme|\\.(patch|gz)$/i.test(name)) return true;\n",
        test=f"{LOOKED}test_other_folders_are_named",
        why="data in an archive would be missing in production alone",
    ),
    Mutant(
        name="a package.json that nobody can read stops make test",
        file=COMPARE,
        old="  } catch {\n    return {};\n",
        new="  } finally {\n",
        test=f"{LOOKED}test_other_folders_are_named",
        why="a fixture would stop every `make test`, in words about JSON",
    ),
]

MUTANTS = [*INSTALLATION, *BESIDE]
