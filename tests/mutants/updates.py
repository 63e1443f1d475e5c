"""Mutants of updates: the answers file, the command, and its merge."""

from __future__ import annotations

from mutants.mutant import Mutant

ANSWERS = "extension/answers_file.py"
CLI = "node_multi_stage/cli.py"
MERGE = "node_multi_stage/merge.py"
PROJECT = "node_multi_stage/project.py"
TEMPLATE = "node_multi_stage/template.py"
KINDS = "update/test_update.py::"
PLACES = "update/test_update_places.py::"
TOLD = "update/test_update_answers.py::"
VERSIONS = "update/test_update_versions.py::"

MUTANTS = [
    Mutant(
        name="the answers file holds private keys",
        file=ANSWERS,
        old='if not key.startswith("_")}',
        new="}",
        test="bake/test_determinism.py::test_where_the_template_comes_from",
        why="the place of the template on somebody's machine would be committed, and differ from bake to bake",
    ),
    Mutant(
        name="the version forgets the template's code",
        file=ANSWERS,
        old='"extension", "templates", ',
        new='"extension", ',
        test=f"{VERSIONS}test_the_version_names_its_commit",
        why="a project baked between two releases could not be updated",
    ),
    Mutant(
        name="the version depends on what tools leave in a clone",
        file=ANSWERS,
        old='LEFT_BY_TOOLS = ("__pycache__", "node_modules")',
        new="LEFT_BY_TOOLS = ()",
        test=f"{VERSIONS}test_the_version_is_that_of_git_alone",
        why="a project baked from a clone in which somebody worked could not be updated",
    ),
    Mutant(
        name="conflicts end with status 0",
        file=CLI,
        old="CONFLICTS if self.merged.conflicts else DONE",
        new="DONE",
        test=f"{KINDS}test_conflicts_are_git_s",
        why="a job that updates would commit conflict markers",
    ),
    Mutant(
        name="a dry run writes",
        file=CLI,
        old="arguments.dry_run or not plan.merged.changes",
        new="not plan.merged.changes",
        test=f"{KINDS}test_conflicts_are_git_s",
        why="who only wanted to look would have a changed project",
    ),
    Mutant(
        name="no answer is taken for yes",
        file=CLI,
        old='if said.lower() in ("y", "yes"):',
        new='if said.lower() in ("", "y", "yes"):',
        test=f"{TOLD}test_a_conversation",
        why="Enter would change a project",
    ),
    Mutant(
        name="an update over uncommitted work",
        file=CLI,
        old="            refuse_unsaved_work(self.project)\n",
        new="            pass\n",
        test=f"{PLACES}test_unsaved_work_is_not_mixed_with_an_update",
        why="git reset --hard would take the owner's work back with the update",
    ),
    Mutant(
        name="the answers file is merged",
        file=CLI,
        old="        self.take_answers_file(self.base_bake)\n",
        new="",
        test=f"{TOLD}test_a_project_older_than_the_file",
        why="a project older than the file would have it deleted or in conflict in its first update",
    ),
    Mutant(
        name="cruft is not told",
        file=CLI,
        old='    state["commit"] = commit\n',
        new="",
        test=f"{TOLD}test_a_project_of_cruft",
        why="cruft check would fail for ever, and cruft update bring the same changes again",
    ),
    Mutant(
        name="lockfiles are merged line by line",
        file=MERGE,
        old='(f"{name} merge=keep-yours\\n" for name in LOCKFILES)',
        new="()",
        test=f"{KINDS}test_the_owner_s_lockfile_is_kept",
        why="a lockfile would hold packages of two trees that no package manager has resolved together",
    ),
    Mutant(
        name="a deleted file comes back",
        file=MERGE,
        old='if found == "13"]',
        new='if found == "0"]',
        test=f"{KINDS}test_deleted_files",
        why="what an owner does not want would be a conflict in every update",
    ),
    Mutant(
        name="a moved folder takes the owner's files with it",
        file=MERGE,
        old="directoryRenames = false",
        new="directoryRenames = true",
        test=f"{KINDS}test_moved_files",
        why="imports of a file that nobody has moved would break",
    ),
    Mutant(
        name="conflicts are staged as settled",
        file=PROJECT,
        old="    if not entries:\n",
        new="    if entries:\n",
        test=f"{KINDS}test_conflicts_are_git_s",
        why="the next commit would take the markers along",
    ),
    Mutant(
        name="a file that git does not know is overwritten",
        file=PROJECT,
        old="if way.is_symlink() or (way.exists() and (way == path or not way.is_dir())):",
        new="if False:",
        test=f"{PLACES}test_a_file_that_git_does_not_know_is_not_overwritten",
        why="it would be lost: no commit holds it",
    ),
    Mutant(
        name="mode bits of the owner are lost",
        file=PROJECT,
        old='if modes[name] == "100755" else',
        new="if False else",
        test=f"{KINDS}test_mode_bits",
        why="a script of theirs would no longer start",
    ),
    Mutant(
        name="answers are rendered as Jinja",
        file=TEMPLATE,
        old="            context[key] = literally(answers[key])\n",
        new="            context[key] = answers[key]\n",
        test=f"{TOLD}test_what_people_typed_stays_text",
        why="an update would evaluate what somebody once typed",
    ),
    Mutant(
        name="a renamed choice is forgotten",
        file=TEMPLATE,
        old='if key in result and choice in ("", result[key]):',
        new='if key in result and choice == "":',
        test="update/test_five_versions.py::test_without_conflicts",
        why="the update would stop at an answer that the owner cannot know to change",
    ),
    Mutant(
        name="a file of the service half differs from bake to bake",
        file="project/src/service/errors.{{cookiecutter.__ext}}",
        old='errors." ~ cookiecutter.__ext %}',
        new='errors." ~ cookiecutter.__ext %}\n// {{ random_ascii_string(8) }}',
        test="update/test_rewritten_half.py::test_the_service_half_is_the_new_one_and_the_other_half_the_owner_s",
        why="every update would be a conflict in a file that its owner has never touched",
    ),
    Mutant(
        name="an update overlooks what git is told to overlook",
        file="node_multi_stage/project.py",
        old='        if flag == "S" or flag.islower():\n',
        new='        if flag == "S":\n',
        test="update/test_update_places.py::test_a_file_that_git_does_not_look_at_is_named",
        why="the update would stage the file as deleted, and the edit be lost",
    ),
]
