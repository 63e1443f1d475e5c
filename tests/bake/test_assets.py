"""What scripts/assets.mjs adds to dist, and corrects in it, after the compiler of a TypeScript project."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.baking import ROOT, node, not_on_windows

[SCRIPT] = (ROOT / "{{cookiecutter.project_slug}}/scripts").glob("*assets.mjs*")
SOURCES = ("worker.ts", "jobs/mail.mts", "jobs/[id].cts", "page.tsx", "types.d.ts")
CORRECTED = {
    "join(import.meta.dirname, 'jobs', 'worker.ts')": "join(import.meta.dirname, 'jobs', 'worker.js')",
    "`${import.meta.dirname}/worker.ts`": "`${import.meta.dirname}/worker.js`",
    "import.meta.dirname + '/worker.ts'": "import.meta.dirname + '/worker.js'",
    "join(here,'worker.ts')": "join(here,'worker.js')",
    'new URL("./jobs/mail.mts", import.meta.url)': 'new URL("./jobs/mail.mjs", import.meta.url)',
    "'./worker.ts?thread=1'": "'./worker.js?thread=1'",
    "`${folder}worker.ts`": "`${folder}worker.js`",
    "'jobs/[id].cts'": "'jobs/[id].cjs'",
    "'../page.tsx'": "'../page.js'",
}
KEPT = (
    "'no-source.ts'",
    "'co-worker.ts'",
    "'worker.ts is a file'",
    "'types.d.ts'",
    "files.worker.ts",
    "'see worker.ts'",
)


def complete(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the script on a project."""
    # Its name in the template has no suffix that Node knows.
    command = [node(), "--input-type=module", "--eval", SCRIPT.read_text(encoding="utf-8")]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sources, and what the compiler makes of them."""
    for name in SOURCES:
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
        if not name.endswith(".d.ts"):
            code = tmp_path / "dist" / name.replace(".mts", ".mjs").replace(".cts", ".cjs").replace(".tsx", ".js")
            code = code.with_suffix(code.suffix.replace("ts", "js"))
            code.parent.mkdir(parents=True, exist_ok=True)
            code.write_text("")
    return tmp_path


def test_names_of_sources_are_corrected_wherever_they_end_a_text(project: Path) -> None:
    (project / "dist/worker.js").write_text("\n".join([*CORRECTED, *KEPT]))
    (project / "src/plain.js").write_text("import './worker.ts';\n")
    result = complete(project)
    assert result.returncode == 0, result.stderr
    assert (project / "dist/worker.js").read_text().split("\n") == [*CORRECTED.values(), *KEPT]
    assert (project / "dist/plain.js").read_text() == "import './worker.js';\n"


@not_on_windows("symbolic links for everybody")
def test_what_links_lead_to_arrives(project: Path) -> None:
    (project / "shared/deep").mkdir(parents=True)
    (project / "shared/deep/page.html").write_text("PAGE")
    (project / "src/views").symlink_to("../shared")
    (project / "src/jobs/mail.html").symlink_to("../../shared/deep/page.html")
    result = complete(project)
    assert result.returncode == 0, result.stderr
    for name in ("dist/views/deep/page.html", "dist/jobs/mail.html"):
        assert (project / name).read_text() == "PAGE"
        assert not (project / name).is_symlink()


@not_on_windows("symbolic links for everybody")
@pytest.mark.parametrize(("name", "target"), [("src/jobs/mail.html", "../nowhere.html"), ("src/self", ".")])
def test_a_link_that_leads_nowhere_is_named(project: Path, name: str, target: str) -> None:
    (project / name).symlink_to(target)
    result = complete(project)
    assert result.returncode != 0
    [line] = result.stderr.splitlines()
    assert line.startswith(name)
    assert line.endswith(" is a link that leads nowhere")
