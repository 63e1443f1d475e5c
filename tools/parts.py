"""The parts of `make test-all`: `python -m parts` runs those whose last run no longer counts, `parts NAME` one of them.

A run writes docs/results/NAME.md, with the hash of every file that it covers. It counts while they have that hash.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree

from support.baking import ROOT
from support.combinations import CHOICES, INTERACTING
from support.repository import repository_files, tree_hash

RESULTS = ROOT / "docs" / "results"
DOCKER_TESTS = ROOT / "tests" / "docker"
PRODUCT = (
    "{{cookiecutter.project_slug}}/",
    "templates/",
    "extension/",
    "hooks/",
    "cookiecutter.json",
    "local_extensions.py",
)
WORKBENCH = ("tests/support/", "tests/conftest.py", "tools/engine/", "pyproject.toml")
COUNTS = "While the files that it covers have the hash {}, this run counts"
MINUTES = 60  # what a part may last
LOG_LINE = 160  # characters of a line of the log that a page shows
# All mutants at once take more than two hours.
SHARES_OF_MUTANTS = 3
WORKERS = os.environ.get("WORKERS", "2")


@dataclass(frozen=True)
class Part:
    """What runs under one name: pytest over `tests`, or a module that writes the page by itself, with these options."""

    name: str
    tests: tuple[str, ...]
    options: tuple[str, ...] = ("-m", "full")
    module: str = ""
    also_covers: tuple[str, ...] = ()

    @property
    def covers(self) -> tuple[str, ...]:
        """The files and folders whose change makes the last run worthless."""
        folders = {str(Path(test).parent) for test in self.tests if test.endswith(".py")}
        return (
            *PRODUCT,
            *WORKBENCH,
            *self.also_covers,
            *self.tests,
            *sorted(f"{folder}/conftest.py" for folder in folders),
        )

    @property
    def page(self) -> Path:
        """What a run writes."""
        return RESULTS / f"{self.name}.md"


def is_long(file: Path) -> bool:
    """Whether a module has tests that only `make test-all` runs.

    It marks them, or the conftest.py beside it does, or a module of tests/support from which one of them takes a name.
    """
    texts = [path.read_text(encoding="utf-8") for path in (file, file.with_name("conftest.py")) if path.is_file()]
    modules = re.findall(r"^from (support[\w.]*) import", "\n".join(texts), re.MULTILINE)
    shared = [ROOT / "tests" / f"{module.replace('.', '/')}.py" for module in modules]
    texts += [path.read_text(encoding="utf-8") for path in shared if path.is_file()]
    return any("mark.full" in text for text in texts)


def parts() -> list[Part]:
    """Return every part; a folder of tests/docker is one when it holds tests that only `make test-all` runs.

    Those of `runtime` are the drill's. Those of `image` are divided by framework where they build every combination;
    the rest is about an owner's surroundings, as those of `company` are.
    """
    combinations = "tests/docker/image/test_combinations.py"
    found = [Part(f"combinations-{f}", (combinations,), ("-m", "full", "-k", f"[{f}-")) for f in CHOICES["framework"]]
    holders: dict[str, list[str]] = defaultdict(list)
    for file in sorted(DOCKER_TESTS.rglob("test_*.py")):
        path = file.relative_to(ROOT).as_posix()
        if is_long(file) and path != combinations:
            folder = file.relative_to(DOCKER_TESTS).parts[0]
            holders[{"image": "company", "runtime": "drill"}.get(folder, folder.replace("_", "-"))].append(path)
    more = {
        "metrics": ("docs/metrics.md",),
        "moved-in": ("docs/bring-your-app.md", "tests/docker/moved_in/"),
        "recipes": ("docs/recipes/",),
    }
    found += [Part(name, tuple(tests), also_covers=more.get(name, ())) for name, tests in sorted(holders.items())]
    found.append(Part("updates", ("tests/update/",), also_covers=("node_multi_stage/",)))
    read = ("node_multi_stage/", "README.md", "docs/README.md")
    broken = ("tests/", "tools/", "benchmarks/", ".github/")
    for share in range(SHARES_OF_MUTANTS):
        options = ("--slice", f"{share}/{SHARES_OF_MUTANTS}")
        found.append(Part(f"mutants-{share + 1}", broken, options, module="mutants", also_covers=read))
    return found


def covered_hash(part: Part) -> str:
    """Return the hash of all that a part covers, uncommitted changes included."""
    names = [name for name in repository_files() if name.startswith(part.covers)]
    return f"{tree_hash(names):064x}"[:16]


def counts(part: Part) -> bool:
    """Say whether a part passed when all that it covers was as it is now."""
    return part.page.is_file() and COUNTS.format(covered_hash(part)) in part.page.read_text(encoding="utf-8")


def run(part: Part) -> bool:
    """Run a part, write its page, and return whether all of it passed."""
    print(f"test-all: {part.name}", flush=True)
    before, start = covered_hash(part), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        if part.module:
            command = ["-m", part.module, *part.options, "--results", str(part.page)]
        else:
            command = ["-m", "pytest", "-n", WORKERS, "--dist", "worksteal", f"--junitxml={report}"]
            command += [*part.options, *part.tests]
        result = subprocess.run([sys.executable, *command], cwd=ROOT, check=False)
        minutes = (time.monotonic() - start) / 60
        if not part.module:
            part.page.write_text(page(part, cases(report), minutes), encoding="utf-8")
    if result.returncode == 0 and before == covered_hash(part):
        with part.page.open("a", encoding="utf-8") as file:
            file.write(f"\n{COUNTS.format(before)} (`make test-all` without `PART` asks).\n")
    late = f", longer than {MINUTES}: divide it" if minutes > MINUTES else ""
    print(f"test-all: {part.name} {'passed' if result.returncode == 0 else 'FAILED'}, {minutes:.0f} minutes{late}")
    return result.returncode == 0


@dataclass(frozen=True)
class Case:
    """One test as pytest reported it; what it recorded several times under one name is one line each."""

    test: str
    name: str
    outcome: str
    seconds: float
    recorded: dict[str, str]

    @property
    def phrase(self) -> str:
        """The test's name and parameters as words."""
        return re.sub(r"\W+|_", " ", self.name.removeprefix("test_")).strip()


def cases(report: Path) -> list[Case]:
    """Read pytest's report in JUnit's format; an empty list if there is none."""
    if not report.is_file():
        return []
    found = []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        outcome = next((e.tag for e in case if e.tag in ("failure", "error", "skipped")), "passed")
        test = f"{case.get('classname', '').rpartition('.')[2]}: {case.get('name', '').partition('[')[0]}"
        recorded: dict[str, str] = {}
        for e in case.iter("property"):
            name, value = e.get("name", ""), e.get("value", "")
            recorded[name] = f"{recorded[name]}\n{value}" if name in recorded else value
        found.append(Case(test, case.get("name", ""), outcome, float(case.get("time", 0)), recorded))
    return found


def git(*arguments: str) -> str:
    """Return what a git command prints about this repository; "" where nothing was ever committed."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def page(part: Part, found: list[Case], minutes: float) -> str:
    """Return a part's page: when and where it ran, and how it went, by test and by combination."""
    outcomes = Counter(case.outcome for case in found)
    tests: dict[str, list[Case]] = defaultdict(list)
    for case in found:
        tests[case.test].append(case)
    rows = [
        (
            *(test, sum(case.outcome == "passed" for case in group), sum(case.outcome != "passed" for case in group)),
            f"{sum(case.seconds for case in group):.0f}",
        )
        for test, group in sorted(tests.items())
    ]
    changed = " with changes" if git("status", "--porcelain", "--", *part.covers) else ""
    commit = git("rev-parse", "--short", "--verify", "HEAD")
    content = [
        f"# make test-all PART={part.name}",
        f"Commit {commit}{changed}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, "
        f"{minutes:.0f} minutes on {os.cpu_count()} processors: "
        + (", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())) or "no test ran")
        + ".",
        table(("test", "passed", "not passed", "seconds"), rows),
        combinations([case for case in found if "combination" in case.recorded]),
        batches([case for case in found if "batch" in case.recorded]),
        drill([case for case in found if "container" in case.recorded]),
        measured(found),
    ]
    return "\n\n".join(filter(None, content)) + "\n"


def combinations(built: list[Case]) -> str:
    """Return the table of the combinations that were built and run."""
    figures = ("image_mb", "start_ms", "build_s")
    rows = [
        (*case.recorded["combination"].split("-"), case.outcome, *(case.recorded.get(f, "") for f in figures))
        for case in sorted(built, key=lambda case: case.recorded["combination"])
    ]
    head = [key.replace("_", " ") for key in (*INTERACTING, "result", *figures)]
    return table(head, rows) if rows else ""


def batches(tried: list[Case]) -> str:
    """Return the table of the batches of packages that were tried, and which packages each holds."""
    heads = {
        "answers": "answers",
        "packages": "packages",
        "entries": "entries that load",
        "working": "that work",
        "before_mb": "MB installed",
        "after_mb": "MB in production",
        "was_foreign_mb": "MB for other platforms, installed",
        "foreign_mb": "in production",
        "image_mb": "image MB",
    }
    tried = sorted(tried, key=lambda case: (case.recorded["answers"], case.recorded["batch"]))
    rows = [(case.recorded["batch"], case.outcome, *(case.recorded.get(f, "") for f in heads)) for case in tried]
    names = {case.recorded["batch"]: case.recorded["names"] for case in tried}
    lists = [f"- **{batch}**: {packages}" for batch, packages in names.items()]
    return "\n\n".join([table(("batch", "result", *heads.values()), rows), "\n".join(lists)]) if tried else ""


def drill(faults: list[Case]) -> str:
    """Return the table of the faults that were caused, and what a client, the log and the container made of them."""
    rows = []
    for case in faults:
        log = case.recorded["log"].replace("|", "\\|")
        shown = f"`{log[:LOG_LINE]}{' …' if len(log) > LOG_LINE else ''}`" if log else "nothing to say"
        rows.append((case.phrase, case.recorded["client"], shown, case.recorded["container"]))
    return table(("fault", "a client saw", "`make logs` says", "the container"), rows) if rows else ""


def measured(found: list[Case]) -> str:
    """Return the table of what long runs have measured."""
    rows = [
        (case.phrase, line.replace("|", "\\|"))
        for case in found
        for line in case.recorded.get("measured", "").splitlines()
    ]
    return table(("run", "measured"), rows) if rows else ""


def main(names: list[str]) -> int:
    """Run the part that is named (or all that begin so), else every part that does not count; return the status."""
    every = parts()
    chosen = [part for part in every if not names or re.match(rf"{re.escape(names[0])}(-|$)", part.name)]
    if not chosen:
        print(f"No part {names[0]}. Parts: {', '.join(part.name for part in every)}", file=sys.stderr)
        return 2
    if not names:
        for part in [part for part in chosen if counts(part)]:
            print(f"test-all: {part.name} counts as run, what it covers is unchanged: docs/results/{part.page.name}")
            chosen.remove(part)
    passed = [run(part) for part in chosen]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
