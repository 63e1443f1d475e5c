"""Mutants of what decides about answers and of what is derived from them: the extension, the hook, the lockfiles."""

from __future__ import annotations

from mutants.mutant import Mutant

EXTENSION = "local_extensions.py"
RULE_FILE = "extension/rules.py"
FILTER_FILE = "extension/filters.py"
HOOK = "hooks/post_gen_project.py"
RULES = "answers/test_answer_rules.py::"
HOOK_TESTS = "hook/test_post_gen_hook.py::"

MUTANTS = [
    Mutant(
        name="port 30000 becomes 81230 on port 8123",
        file=FILTER_FILE,
        old='r"\\b3000\\b"',
        new='r"3000"',
        test=f"{RULES}test_only_the_number_3000_becomes_the_port",
        why="a time limit of 30 s would become 81 s with another port",
    ),
    Mutant(
        name="a port that needs privileges is taken",
        file=RULE_FILE,
        old="PORTS = (1024, 65535)",
        new="PORTS = (80, 65535)",
        test="answers/test_odd_answers.py::test_odd_answers_are_refused_or_kept_as_the_table_says",
        why="an unprivileged user could not listen on it",
    ),
    Mutant(
        name="a slug may end with a hyphen",
        file=RULE_FILE,
        old='SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")',
        new='SLUG = re.compile(r"[a-z][a-z0-9-]*")',
        test="answers/test_odd_answers.py::test_odd_answers_are_refused_or_kept_as_the_table_says",
        why="it would be no DNS label and no image name",
    ),
    Mutant(
        name="a core module may be a slug",
        file=RULE_FILE,
        old='    **dict.fromkeys(NODE_CORE_MODULES, "it is the name of a Node core module"),\n',
        new="",
        test="answers/test_odd_answers.py::test_odd_answers_are_refused_or_kept_as_the_table_says",
        why="npm refuses such a package",
    ),
    Mutant(
        name="text that reads backwards is taken",
        file=RULE_FILE,
        old='    if character in DIRECTION_CHARACTERS:\n        return "a text direction character"\n',
        new="",
        test="answers/test_odd_answers.py::test_odd_answers_are_refused_or_kept_as_the_table_says",
        why="package.json and licence would read as what they are not",
    ),
    Mutant(
        name="the slug of a name keeps digits in front",
        file=RULE_FILE,
        old="    if not result[:1].isalpha():\n",
        new="    if not result:\n",
        test=f"{RULES}test_the_default_slug_follows_from_the_name",
        why="Kubernetes refuses a service whose name starts with a digit",
    ),
    Mutant(
        name="Markdown in a project's name",
        file=FILTER_FILE,
        old="""    escaped = re.sub(r"([\\\\`*_\\[\\]<>&#|~$])", r"\\\\\\1", value)\n""",
        new="    escaped = value\n",
        test="answers/test_hostile_values.py::test_the_readme_shows_the_name_as_it_is",
        why="a name with a star or a bracket would not be shown as it is",
    ),
    Mutant(
        name="an old cookiecutter is taken",
        file=EXTENSION,
        old="MINIMUM_COOKIECUTTER = (2, 2)",
        new="MINIMUM_COOKIECUTTER = (2, 0)",
        test=f"{RULES}test_a_cookiecutter_that_is_too_old_is_refused",
        why="it finds no include, after half of the project has been written",
    ),
    Mutant(
        name="lockfile keeps MIT for another licence",
        file="templates/locks/npm/express.json",
        old='"license": "{{ cookiecutter.license }}"',
        new='"license": "MIT"',
        test="bake/test_lockfiles.py::test_npm_finds_its_own_name_and_licence_in_the_lockfile",
        why="the first `npm install` would change the lockfile",
    ),
    Mutant(
        name="yarn's lockfile is not sorted anew",
        file=FILTER_FILE,
        old="*sorted(blocks, key=lambda block: block.lstrip('\"'))",
        new="*blocks",
        test="bake/test_lockfiles.py::test_yarn_finds_its_own_name_where_it_sorts_it",
        why="`yarn --immutable` refuses it, so that no build works",
    ),
    Mutant(
        name="an update keeps the rules of the old version",
        file="local_extensions.py",
        old="if FILES[0].is_file() and contents() != LOADED:",
        new="if False:",
        test="update/test_cruft.py::test_the_new_version_s_own_rules_check_an_update",
        why="`cruft update` would refuse answers that the new version takes, or end in a traceback",
    ),
    Mutant(
        name="an update does not look at the rules",
        file="local_extensions.py",
        old='(HERE / f"extension/{name}.py" for name in PARTS)',
        new='(HERE / f"extension/{name}.py" for name in PARTS[1:])',
        test="update/test_cruft.py::test_the_new_version_s_own_rules_check_an_update",
        why="a version that changes rules alone would be checked by the old ones",
    ),
    Mutant(
        name="hook kills only docker's own process",
        file=HOOK,
        old='process.kill() if os.name == "nt" else os.killpg(process.pid, signal.SIGKILL)',
        new="process.kill()",
        test=f"{HOOK_TESTS}test_wedged_docker_is_ended_with_all_that_it_started",
        why="plugins of a wedged engine would stay after every bake",
    ),
    Mutant(
        name="hook waits for ever",
        file=HOOK,
        old="timeout=max(0.0, deadline - time.monotonic())",
        new="timeout=15",
        test=f"{HOOK_TESTS}test_outcome_is_reported_and_the_project_kept",
        why="a wedged engine would hang the bake",
    ),
    Mutant(
        name="hook takes an old engine",
        file=HOOK,
        old="int(major) >= int(MINIMUM_ENGINE)",
        new="int(major) >= 0",
        test=f"{HOOK_TESTS}test_outcome_is_reported_and_the_project_kept",
        why="the first build would fail with an error about a flag",
    ),
    Mutant(
        name="hook leaves empty folders",
        file=HOOK,
        old="                folder.rmdir()\n",
        new="                folder.exists()\n",
        test=f"{HOOK_TESTS}test_no_empty_folder_is_left",
        why="a project without CI would have an empty .github",
    ),
    Mutant(
        name="hook ignores a required engine",
        file=HOOK,
        old='os.environ.get("NODE_MULTI_STAGE_REQUIRE_DOCKER") == "1"',
        new="False",
        test=f"{HOOK_TESTS}test_hard_stop_on_request",
        why="a pipeline that asked for it would go on without an engine",
    ),
]
