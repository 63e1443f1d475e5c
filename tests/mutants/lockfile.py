"""Mutants of `node-multi-stage lockfile`: what a change of the lockfile brings."""

from __future__ import annotations

from mutants.mutant import Mutant

CHANGES, LOCKFILES, REGISTRY = (f"node_multi_stage/{name}.py" for name in ("changes", "lockfiles", "registry"))
TESTS = "update/test_lockfile.py::"
SHOWN = f"{TESTS}test_what_came_and_what_went"
ORIGINS = f"{TESTS}test_origins_contents_and_scripts"
LOGIN = f"{TESTS}test_a_login_goes_where_the_user_says_alone"

MUTANTS = [
    Mutant(
        name="an address of any host counts as the registry",
        file=LOCKFILES,
        old='return "" if self.registry_host and self.registry_host in registries else self.address',
        new='return "" if self.registry_host or "/-/" in self.address else self.address',
        test=ORIGINS,
        why="a lockfile could fetch another package's archive unseen",
    ),
    Mutant(
        name="an archive of another package counts as this one's",
        file=LOCKFILES,
        old='is_own = f"/{self.name}/-/" in f"/{path}" and ',
        new="is_own = ",
        test=f"{ORIGINS}",
        why="a lockfile could name a package and fetch another",
    ),
    Mutant(
        name="yarn's archive addresses are not read",
        file=LOCKFILES,
        old='address = unquote(reference.partition("__archiveUrl=")[2])',
        new='address = ""',
        test=ORIGINS,
        why="a lockfile of yarn could fetch another package's archive unseen",
    ),
    Mutant(
        name="another content under the same version is no change",
        file=CHANGES,
        old="if not has_other_content(old[key], new[key])",
        new="",
        test=ORIGINS,
        why="an archive that was exchanged would be taken for the one that was looked at",
    ),
    Mutant(
        name="hashes of different kinds are compared",
        file=CHANGES,
        old="return len(kinds) == 1 and ",
        new="return ",
        test=ORIGINS,
        why="a new version of yarn would mark every package",
    ),
    Mutant(
        name="install scripts are not shown",
        file=CHANGES,
        old="    if True in said:\n",
        new="    if None:\n",
        test=SHOWN,
        why="what runs at each installation is the first thing to look at",
    ),
    Mutant(
        name="a young version deserves no look",
        file=CHANGES,
        old="return bool(found) or is_young, ",
        new="return bool(found), ",
        test=SHOWN,
        why="a hijacked release is found within a day, by others",
    ),
    Mutant(
        name="a branch is compared with the tip of the other",
        file=CHANGES,
        old='git("merge-base", commit, "HEAD", cwd=project, may_fail=True).stdout.decode().strip() or commit',
        new="commit",
        test=f"{TESTS}test_a_branch_is_compared_with_where_it_began",
        why="what others have locked would be shown as removed by this branch",
    ),
    Mutant(
        name="a lockfile speaks to the terminal",
        file=CHANGES,
        old='character if character.isprintable() else "?" for',
        new="character for",
        test=f"{TESTS}test_a_hostile_lockfile_reaches_no_terminal",
        why="a line could erase those above it",
    ),
    Mutant(
        name="a login follows a redirection",
        file=REGISTRY,
        old="request.add_unredirected_header(",
        new="request.add_header(",
        test=LOGIN,
        why="a registry could send the user's token to another host",
    ),
    Mutant(
        name="a project's own file may hold a login",
        file=REGISTRY,
        old="if value := self.user.get(",
        new="if value := self.settings.get(",
        test=LOGIN,
        why="a stranger's branch could choose which login goes where",
    ),
    Mutant(
        name="a registry that refuses is one that does not know the package",
        file="node_multi_stage/registry.py",
        old="if error.code == NOT_FOUND:",
        new="if error.code:",
        test=f"{TESTS}test_what_a_registry_refuses_is_told",
        why="whose token has expired would see no ages, and no reason",
    ),
]
