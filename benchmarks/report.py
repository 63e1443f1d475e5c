"""stub"""
from __future__ import annotations
import json
from pathlib import Path
from benchmarks.samples import Samples
from benchmarks.figures import figures
def write(folder: Path, samples: Samples, conditions: dict[str, str]) -> None:
    """Write."""
    (folder / "benchmark.json").write_text(json.dumps({"ratios": [f.row() for f in figures(samples)], "conditions": conditions, "raw": samples.raw}, indent=1))
