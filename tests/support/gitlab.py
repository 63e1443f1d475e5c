"""What a GitLab pipeline does: which jobs an event starts, and what a job's script runs, with fakes for programs.

Only what the template's file uses is known here; anything else raises.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment

from support.fakes import Fakes

Variables = dict[str, str]
PUSH_TO_MAIN = {"CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}
PUSH_TO_A_BRANCH = {"CI_COMMIT_BRANCH": "an-idea", "CI_PIPELINE_SOURCE": "push"}
VERSION_TAG = {"CI_COMMIT_TAG": "v1.2.3", "CI_PIPELINE_SOURCE": "push"}
CANDIDATE_TAG = {"CI_COMMIT_TAG": "v1.2.3-rc.1", "CI_PIPELINE_SOURCE": "push"}
OTHER_TAGS = [
    {"CI_COMMIT_TAG": tag, "CI_PIPELINE_SOURCE": "push"}
    for tag in ("nightly", "vfoo", "v1", "v1.2", "v1.2.3+4", "v1.2.3 x", "1.2.3", "xv1.2.3", "v1.2.3.4")
]
SCHEDULE = {"CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "schedule"}

RULES = Environment()  # noqa: S701  # no HTML is made
RULES.tests["matching"] = lambda text, pattern: re.search(pattern, text or "") is not None
NOT_JOBS = ("stages", "workflow", "default", "variables", "include")


def is_true(rule: str, variables: Variables) -> bool:
    """Return whether a rule's `if` holds: `$NAME`, `==`, `!=`, `=~ /pattern/`, joined by `&&` and `||`."""
    text = re.sub(r"=~ */((?:\\/|[^/])*)/", lambda found: f"is matching({found[1]!r})", rule)
    text = re.sub(r"\$(\w+)", r"v.get('\1')", text).replace("&&", " and ").replace("||", " or ")
    return bool(RULES.compile_expression(text)(v=variables))


def jobs_that_run(pipeline: Mapping[str, Any], variables: Variables, failing: Collection[str] = ()) -> list[str]:
    """Return the jobs of the pipeline that an event starts, stage by stage, when those in `failing` fail."""
    started: list[str] = []
    for stage in pipeline["stages"]:
        before = list(started)
        for name, job in pipeline.items():
            if name in NOT_JOBS or job["stage"] != stage:
                continue
            assert job.keys().isdisjoint({"only", "except", "needs", "when", "allow_failure"}), f"{name} has more"
            rules = job.get("rules", [{}])
            assert all(rule.keys() <= {"if"} for rule in rules), f"{name} has more rules"
            chosen = any(is_true(rule["if"], variables) if "if" in rule else True for rule in rules)
            if chosen and not set(before) & set(failing):
                started.append(name)
    return started


def replay(job: Mapping[str, Any], variables: Variables, fakes: Fakes, folder: Path | None = None) -> int:
    """Run a job's script as a runner does, with these variables and fakes; return its exit status.

    It runs in a folder of its own, or in the project's where its commands read files.
    """
    script = "\n".join(job["script"])
    environment = {"PATH": fakes.path, **variables, **job.get("variables", {})}
    command = ["bash", "-e", "-c", script]
    return subprocess.run(command, env=environment, cwd=folder or fakes.folder, check=False).returncode
