"""The container's limits leave room for ordinary work (cases.md B6): a large workbook, four large photos at a time."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from support.baking import ROOT
from support.planted import write
from support.running import project_of, request

WORK = ROOT / "tests/support/runtime/work.js"
PACKAGES = "exceljs@4.4.0 sharp@0.34.5"
ROUTE = "  router.get('/work/:name', async (req, res) => res.json(await work[req.params.name]()));\n"


@pytest.mark.full
@pytest.mark.timeout(600)
def test_there_is_room_for_it(client: docker.DockerClient, tmp_path: Path) -> None:
    """A workbook of 50,000 rows written and read again, then four photos of 24 megapixels."""
    with project_of(tmp_path, client) as service:
        added = service.project.make("add", PACKAGE=PACKAGES)
        assert added.returncode == 0, added.stderr
        write(service.project, "src/work.js", WORK.read_text(encoding="utf-8"))
        routes = service.project.read("src/routes.js").replace("  return router;\n", f"{ROUTE}  return router;\n")
        write(service.project, "src/routes.js", f"import {{ work }} from './work.js';\n{routes}")
        service.run()
        for work, made in (("workbook", "50000"), ("photos", "4")):
            answer = request(service.port, f"/work/{work}", seconds=120)
            assert (answer.status, answer.body) == (200, made), service.logs()[-1]
        assert service.container.attrs["RestartCount"] == 0
