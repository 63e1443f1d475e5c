"""What a GitHub workflow does: which jobs an event starts, and what the steps of a job run, with fakes for programs.

Only what the template's workflow uses is known here; anything else raises.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined

from support.fakes import Fakes

Job = dict[str, Any]
# The workflow expressions that occur are valid Jinja except for the operators.
EXPRESSIONS = Environment(undefined=StrictUndefined)  # noqa: S701  # no HTML is made
OPERATORS = {"&&": " and ", "||": " or ", "!": " not "}


@dataclass(frozen=True)
class Event:
    """Something that happened in the repository Team/App."""

    name: str
    ref: str
    private: bool = False

    @property
    def github(self) -> dict[str, Any]:
        """The context `github`."""
        kind = "tag" if self.ref.startswith("refs/tags/") else "branch"
        return {
            "actor": "Somebody",
            "event": {"repository": {"private": self.private}},
            "event_name": self.name,
            "ref": self.ref,
            "ref_name": self.ref.split("/", 2)[2],
            "ref_type": kind,
            "repository": "Team/App",
            "token": "the-token",
            "workflow": "ci",
        }


PUSH_TO_MAIN = Event("push", "refs/heads/main")
PUSH_TO_A_BRANCH = Event("push", "refs/heads/an-idea")
SCHEDULE = Event("schedule", "refs/heads/main")
PULL_REQUEST = Event("pull_request", "refs/pull/7/merge")
VERSION_TAG = Event("push", "refs/tags/v1.2.3")
CANDIDATE_TAG = Event("push", "refs/tags/v1.2.3-rc.1")
# An image's tag holds no +: without what follows it would be that of another version.
BUILD_TAG = Event("push", "refs/tags/v1.2.3+4")
OTHER_TAGS = [Event("push", f"refs/tags/{tag}") for tag in ("nightly", "vfoo", "v1", "v1.2", "1.2.3", "xv1.2.3")]


def evaluate(expression: str, **contexts: Any) -> Any:
    """Return the value of an expression from `${{ … }}` or from an `if`."""
    text = re.sub(r"&&|\|\||!(?!=)", lambda found: OPERATORS[found[0]], expression)
    return EXPRESSIONS.compile_expression(text, undefined_to_none=False)(**contexts)


def substituted(value: Any, **contexts: Any) -> str:
    """Return a text with every `${{ … }}` in it replaced by its value."""
    return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: str(evaluate(found[1], **contexts)), str(value))


def load(text: str) -> dict[str, Any]:
    """Parse a workflow; the key `on`, which YAML 1.1 takes for `true`, has its name again."""
    workflow = yaml.safe_load(text)
    workflow["on"] = workflow.pop(True)
    found: dict[str, Any] = workflow
    return found


def is_like(name: str, pattern: str) -> bool:
    """Return whether a filter pattern fits a branch or tag (GitHub's filter pattern cheat sheet: *, [0-9], +)."""
    assert not re.search(r"[?!\\]|\*\*", pattern), f"{pattern} has more"
    return re.fullmatch(pattern.replace(".", r"\.").replace("*", "[^/]*"), name) is not None


def is_triggered(workflow: Mapping[str, Any], event: Event) -> bool:
    """Return whether the event starts the workflow at all."""
    if event.name not in workflow["on"]:
        return False
    if event.name == "schedule":
        return True
    filters = workflow["on"][event.name] or {}
    assert filters.keys() <= {"branches", "tags"}, filters
    kind = "tags" if event.ref.startswith("refs/tags/") else "branches"
    # Without any filter everything counts; with one for the other kind only, nothing of this kind does.
    patterns = filters.get(kind, [])
    return not filters or any(is_like(event.github["ref_name"], pattern) for pattern in patterns)


def jobs_that_run(workflow: Mapping[str, Any], event: Event, failing: Collection[str] = ()) -> list[str]:
    """Return the jobs that an event starts, in order, when those named in `failing` fail."""
    succeeded: list[str] = []
    started: list[str] = []
    for name, job in workflow["jobs"].items() if is_triggered(workflow, event) else ():
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        assert set(needs) <= workflow["jobs"].keys()
        condition = str(job.get("if", "true"))
        # GitHub adds success() to a condition that names no status itself.
        fits = set(needs) <= set(succeeded) or re.search(r"\b(always|failure|cancelled)\(", condition)
        if fits and evaluate(condition, github=event.github, **STATUS):
            started.append(name)
            succeeded += [] if name in failing else [name]
    return started


STATUS = {
    "always": lambda: True,
    "contains": lambda text, part: part in str(text),
    "startsWith": lambda text, start: str(text).startswith(start),
}


@dataclass
class Replay:
    """What a job did: actions by name and calls of programs, in order; each action's inputs; how it ended.

    Inputs are found by the step's id, or else by the action's name.
    """

    done: list[str] = field(default_factory=list)
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    failed: bool = False


def replay(
    job: Job,
    event: Event,
    fakes: Fakes,
    outputs: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, str] | None = None,
) -> Replay:
    """Run the steps of a job: `run` in bash with fakes for programs, `uses` by noting the inputs.

    `outputs` are what the actions give, by step id; those of `run` steps come from running them. `variables` are
    those of the repository's settings; one that is not set is empty, as on GitHub.
    """
    result = Replay()
    steps = {name: {"outputs": dict(values)} for name, values in outputs.items()}
    for step in job["steps"]:
        given = {"vars": defaultdict(str, variables or {}), "secrets": defaultdict(str)}
        contexts = {"github": event.github, "steps": steps, **given, **STATUS}
        contexts["failure"] = lambda: result.failed
        condition = str(step.get("if", "true"))
        if result.failed and not re.search(r"\b(always|failure)\(", condition):
            continue
        if not evaluate(condition, **contexts):
            continue
        if "uses" in step:
            action = step["uses"].partition("@")[0]
            result.done.append(action)
            result.inputs[step.get("id", action)] = {
                k: substituted(v, **contexts) for k, v in step.get("with", {}).items()
            }
            continue
        known = len(fakes.calls)
        status, found = run_step(step, contexts, fakes)
        steps[step.get("id", "")] = {"outputs": found}
        result.done += fakes.calls[known:]
        result.failed = result.failed or status != 0
    return result


def run_step(step: Job, contexts: Mapping[str, Any], fakes: Fakes) -> tuple[int, dict[str, str]]:
    """Run one `run` step as a runner does; return its exit status and its outputs."""
    output = Path(f"{fakes.log}.output")
    output.write_text("", encoding="utf-8")
    environment = {
        "PATH": fakes.path,
        "GITHUB_OUTPUT": str(output),
        "GITHUB_REF_NAME": contexts["github"]["ref_name"],
        "GITHUB_REPOSITORY": contexts["github"]["repository"],
        "GITHUB_SHA": "0123abc",
        **{name: substituted(value, **contexts) for name, value in step.get("env", {}).items()},
    }
    script = substituted(step["run"], **contexts)
    status = subprocess.run(["bash", "-e", "-c", script], env=environment, cwd=fakes.folder, check=False).returncode
    lines = output.read_text(encoding="utf-8").splitlines()
    return status, dict(line.split("=", 1) for line in lines)
