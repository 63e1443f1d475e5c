"""The command line, and `node-multi-stage update`: what the user can say and is shown, and in which order."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from node_multi_stage.changes import add_command as add_lockfile_command
from node_multi_stage.git import Refused
from node_multi_stage.merge import Merge, Merged
from node_multi_stage.project import (
    ANSWERS,
    CRUFT,
    Origin,
    origin,
    parsed,
    refuse_overwriting,
    refuse_unsaved_work,
    stage,
    tracked,
    write,
)
from node_multi_stage.template import Answers, Template, bake, installed_from, questions, renamed

DONE, CONFLICTS, REFUSED = 0, 1, 2
STATUS = f"""exit status:
  {DONE}  done, or nothing to do
  {CONFLICTS}  conflicts, marked as git marks them (with --dry-run: there would be)
  {REFUSED}  nothing was changed; one line says why"""
QUESTION = "Apply this? (y)es, (n)o, or question=answer to change an answer first: "


def question_and_answer(given: str) -> tuple[str, str]:
    """Return question and answer of question=answer; raises ArgumentTypeError."""
    key, equals, value = given.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{given!r} is not question=answer")
    return key, value


def arguments_of(line: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="node-multi-stage", description="Look after a generated project.")
    commands = parser.add_subparsers(required=True, metavar="command")
    add_lockfile_command(commands)
    update = commands.add_parser(
        "update",
        help="bring a newer version of the template into this project",
        description="Bring a newer version of the template into a project by a three-way merge. Your edits stay.",
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = update.add_argument
    pairs: dict[str, Any] = {
        "type": question_and_answer,
        "action": "append",
        "default": [],
        "metavar": "question=answer",
    }
    add("project", nargs="?", type=Path, default=Path(), help="folder of the project (default: this one)")
    add("--dry-run", action="store_true", help="show what would change, and change nothing")
    add("--diff", action="store_true", help="show it line by line")
    add("--yes", action="store_true", help="do not ask before applying it")
    add("--answer", **pairs, help="change an answer on the way; may be repeated")
    add("--to", metavar="VERSION", help="tag, branch or commit of the template (default: its newest commit)")
    add("--template", metavar="ADDRESS", help="repository or clone (default: where this command was installed from)")
    add("--from", metavar="VERSION", dest="base", help=f"what the project was baked from, if it has no {ANSWERS}")
    add("--baked-with", **pairs, help="an answer that it was baked with, where that was not the default")
    update.set_defaults(run=run_in_temporary_folder, refused="Nothing was changed: ")
    return parser.parse_args(line)


@dataclass(frozen=True)
class Plan:
    """A merge that is ready to be applied."""

    merge: Merge
    merged: Merged
    lines: list[str]

    @property
    def status(self) -> int:
        """The exit status once it is applied."""
        return CONFLICTS if self.merged.conflicts else DONE


class Update:
    """One update of one project."""

    def __init__(self, arguments: argparse.Namespace, work: Path) -> None:
        """Find project, template, and the versions to come from and to go to; raises Refused."""
        self.work, self.project = work, arguments.project.resolve()
        if not self.project.is_dir():
            raise Refused(f"{arguments.project} is not a folder")
        self.files = tracked(self.project)
        if self.files is not None:
            refuse_unsaved_work(self.project)
        made = origin(self.project)
        if arguments.base:
            made = Origin(arguments.base, dict(arguments.baked_with or (made.answers if made else {})))
        if made is None:
            raise Refused(f"there is no {ANSWERS}: name once what it was baked from, by --from and --baked-with")
        address, asked_for = installed_from()
        if not (arguments.template or address):
            raise Refused("name the template's repository or a clone by --template")
        self.template = Template(arguments.template or address, work)
        self.base = self.template.commit_that_bakes(made.version)
        self.target = self.template.commit(arguments.to or ("" if arguments.template else asked_for) or "HEAD")
        self.old = self.template.checked_out(self.base, work / "old")
        self.new = self.template.checked_out(self.target, work / "new")
        self.base_bake, context = bake(self.old, self.known(made.answers, self.old), work / "base")
        self.answers = {key: str(context[key]) for key in questions(self.old)}
        self.take_answers_file(self.base_bake)
        self.attempts = 0

    @staticmethod
    def known(answers: Answers, template: Path) -> Answers:
        """Return these answers; raises Refused for a question that this version does not ask."""
        for key in answers:
            if key not in questions(template):
                near = get_close_matches(key, questions(template), 1)
                raise Refused(f"{key}: there is no such question" + (f"; try {near[0]}" if near else ""))
        return answers

    def plan(self, changed: Answers) -> Plan:
        """Bake both versions and merge, with these answers changed; raises Refused."""
        self.attempts += 1
        work = self.work / str(self.attempts)
        work.mkdir()
        kept = renamed(self.new, self.answers)
        answers = {key: value for key, value in kept.items() if key in questions(self.new)}
        answers |= self.known(changed, self.new)
        new, context = bake(self.new, answers, work / "new")
        merge = Merge(work / "merge")
        merge.commit("base", self.base_bake, tracked_in_bake(self.base_bake))
        label = f"template-{self.template.describe(self.target)}"
        merge.commit(label, new, tracked_in_bake(new), "base")
        merge.commit("yours", self.project, self.files, "base")
        merged = merge.run(label, lambda folder: follow_cruft(folder / CRUFT, self.target, context))
        return Plan(merge, merged, self.lines(merged, {key: str(context[key]) for key in questions(self.new)}))

    def take_answers_file(self, old: Path) -> None:
        """Let the old bake have the project's answers file, so that the new one replaces it without a conflict."""
        (old / ANSWERS).unlink(missing_ok=True)
        if (self.project / ANSWERS).is_file():
            (old / ANSWERS).write_bytes((self.project / ANSWERS).read_bytes())

    def lines(self, merged: Merged, answers: Answers) -> list[str]:
        """Return what is shown before anything is changed."""
        lines = [f"From {self.template.describe(self.base)} to {self.template.describe(self.target)}:"]
        before = renamed(self.new, self.answers)
        for key in [*answers, *before]:
            old, new = before.get(key), answers.get(key)
            if old is None:
                lines.append(f"  new question   {key}: {new!r} (another: --answer {key}=...)")
            elif new is None:
                lines.append(f"  asks no more   {key}: {old!r}")
            elif old != new:
                lines.append(f"  answer         {key}: {old!r} becomes {new!r}")
        for line in merged.shown:
            status, *paths = line.split("\t")
            kind = {"A": "new", "D": "removed", "R": "moved"}.get(status[0], "changed")
            kind = "conflict" if paths[-1] in merged.conflicts else kind
            lines.append(f"  {kind:<14} {' -> '.join(paths)}")
        shown = {line.split("\t")[-1] for line in merged.shown}
        lines += [f"  conflict       {name} (yours is left)" for name in merged.conflicts if name not in shown]
        lines += [f"  yours stays    {name} (the template has changed it, too)" for name in merged.kept_locks]
        lines += [f"  stays deleted  {name} (the template has changed it)" for name in merged.stay_deleted]
        return list(dict.fromkeys(lines)) if len(lines) > 1 else [lines[0], "  nothing changes"]

    def apply(self, plan: Plan) -> None:
        """Write the result into the project; raises Refused before the first change."""
        merged = plan.merged
        refuse_overwriting(self.project, [name for name, status in merged.changes.items() if status == "A"])
        write(self.project, plan.merge.folder, merged.changes, merged.modes)
        if self.files is not None:
            stage(self.project, merged.changes, merged.unmerged, plan.merge.folder)


def tracked_in_bake(folder: Path) -> list[str]:
    """Return every file of a bake."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def follow_cruft(path: Path, commit: str, context: dict[str, Any]) -> None:
    """Let cruft know the new version and answers, in a project that cruft made."""
    if not path.is_file():
        return
    state = parsed(path)
    cruft_keys = {key: value for key, value in state["context"]["cookiecutter"].items() if key == "_template"}
    state["context"]["cookiecutter"] = {**context, **cruft_keys, "_commit": commit}
    state["commit"] = commit
    path.write_text(json.dumps(state, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n", encoding="utf-8")


def show(plan: Plan, diff: bool) -> None:
    """Print what a plan would do."""
    print("\n".join([*plan.lines, *([plan.merged.patch] if diff else [])]), flush=True)


def agreed(update: Update, plan: Plan, changed: Answers, diff: bool) -> Plan | None:
    """Ask until the user says yes, or no: then None. An answer in between makes another plan."""
    while True:
        try:
            said = input(QUESTION).strip()
        except EOFError:
            print()
            return None
        if said.lower() in ("y", "yes"):
            return plan
        if said.lower() in ("n", "no", ""):
            return None
        try:
            key, value = question_and_answer(said)
            plan = update.plan({**changed, key: value})
        except (Refused, argparse.ArgumentTypeError) as error:
            print(error)
            continue
        changed[key] = value
        show(plan, diff)


def advice(update: Update, plan: Plan) -> list[str]:
    """Return what the user does next."""
    lines = []
    if plan.merged.conflicts:
        lines.append(f"Conflicts in {', '.join(plan.merged.conflicts)}: resolve them as after git merge.")
    if plan.merged.needs_lock:
        lines.append("The lockfile no longer matches package.json: make lock")
    if update.files is None:
        lines.append("No git repository holds this project, so nothing takes this back.")
    else:
        lines.append("Look at it with git status and git diff --staged; git reset --hard takes it back.")
    return [*lines, "Then: make test"]


def run(arguments: argparse.Namespace, work: Path) -> int:
    """Update a project; return the exit status. Raises Refused before anything is changed."""
    update = Update(arguments, work)
    changed = update.known(renamed(update.new, dict(arguments.answer)), update.new)
    plan: Plan | None = update.plan(changed)
    assert plan
    show(plan, arguments.diff)
    if arguments.dry_run or not plan.merged.changes:
        return plan.status
    if not arguments.yes:
        plan = agreed(update, plan, changed, arguments.diff)
    if plan is None:
        print("Nothing was changed. (Without a terminal: --yes)")
        return REFUSED
    update.apply(plan)
    print("\n".join(advice(update, plan)))
    return plan.status


def run_in_temporary_folder(arguments: argparse.Namespace) -> int:
    """Update a project, with a folder for what is made on the way; raises Refused."""
    with tempfile.TemporaryDirectory(prefix="node-multi-stage-") as folder:
        return run(arguments, Path(folder))


def main(line: list[str] | None = None) -> int:
    """Run this command line, or the process's; return the exit status."""
    arguments = arguments_of(sys.argv[1:] if line is None else line)
    try:
        status: int = arguments.run(arguments)
        return status
    except Refused as refusal:
        print(f"{arguments.refused}{refusal}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return 130
