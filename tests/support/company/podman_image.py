"""The image in which podman runs beside the engine."""

from __future__ import annotations

from support.baking import ROOT

FOLDER = ROOT / "tests/support/company/podman"


IMAGE = "node-multi-stage-test-podman"


QUIET = {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}
