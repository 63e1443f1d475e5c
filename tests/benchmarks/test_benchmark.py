"""The benchmark's arithmetic and its treatment of the peers' files; the measurements are `make bench`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import load, report
from benchmarks.commands import BenchmarkError
from benchmarks.figures import PEER_KEYS, Figure, figures
from benchmarks.samples import Samples
from benchmarks.variants import ALL, HERE, own_caches, taking_part, with_ca

WRK = """\
  Latency Distribution
     50%  812.00us
     99%    2.50ms
Requests/sec:  25000.50
"""


def complete() -> Samples:
    """Measurements of everything: two rounds, every value 2 in the first and 4 in the second, ours the same."""
    samples = Samples()
    groups = {
        "size": ("image_mb", "gzip_mb", "zstd_mb", "files", "packages"),
        "start": ("start_ms", "memory_mb", "stop_s", "exit_code"),
        "build": ("edit_s", "unchanged_s", "dependency_s", "cold_s"),
        "load": ("requests_per_s", "p50_ms", "p99_ms", "busy_stop_s"),
        "reload": ("reload_s", "reload_in_flight_s"),
    }
    for group, measures in groups.items():
        for variant in taking_part(group):
            floor = variant.key == "static"
            for measure in measures:
                for value in (2.0, 4.0):
                    samples.add(measure, variant.key, value / 2 if floor else value)
    for kind in ("one-file", "ours"):
        samples.add("bake_s", kind, 1.0)
    return samples


def test_every_number_of_the_table_has_a_row() -> None:
    rows = figures(complete())
    assert len(rows) == 36
    assert len({row.figure for row in rows}) == len(rows)
    assert {row.value for row in rows if "÷" in row.figure and "stop" not in row.figure} == {1.0}


def test_a_part_of_the_measurements_gives_a_part_of_the_rows() -> None:
    samples = complete()
    del samples.raw["cold_s"]
    assert len(figures(samples)) == 35
    assert figures(Samples()) == []


@pytest.mark.parametrize(("kind", "value", "held"), [("at most", 2.1, False), ("at least", 2.1, True)])
def test_a_missed_figure_is_called_missed(kind: str, value: float, held: bool) -> None:
    assert Figure("a figure", value, 2.0, kind, 3).row()["held"] is held


def test_ratios_and_differences_pair_values_of_the_same_round() -> None:
    samples = Samples({"start_ms": {"a": [10.0, 20.0, 90.0], "b": [5.0, 10.0, 30.0]}})
    assert samples.ratio("start_ms", "a", "b") == [2.0, 2.0, 3.0]
    assert samples.excess("start_ms", "a", "b") == 10.0
    assert samples.best("start_ms", ["a", "b"]) == "b"


def test_what_wrk_says_is_read_in_milliseconds() -> None:
    assert load.parse(WRK) == {"requests_per_s": 25000.5, "p50_ms": 0.812, "p99_ms": 2.5}


@pytest.mark.parametrize("text", ["", WRK + "Non-2xx or 3xx responses: 1", WRK + "Socket errors: read 1"])
def test_a_load_with_failed_requests_is_no_result(text: str) -> None:
    with pytest.raises(BenchmarkError):
        load.parse(text)


@pytest.mark.parametrize("peer", PEER_KEYS)
def test_a_peer_is_changed_only_to_trust_a_private_ca_and_to_own_its_caches(peer: str) -> None:
    original = (HERE / "peers" / peer / "Dockerfile").read_text()
    changed = with_ca(own_caches(original, "run-"))
    assert "NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca npm" in changed
    for inserted in (
        "NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca ",
        "--mount=type=secret,id=extra_ca ",
        "id=run-/root/.npm,",
    ):
        changed = changed.replace(inserted, "")
    assert changed == original


def test_the_references_stand_beside_the_limits(tmp_path: Path) -> None:
    samples = complete()
    samples.raw["image_mb"]["node"] = [1.0, 3.0]
    report.write(tmp_path, samples, {})
    page = (tmp_path / "benchmark.md").read_text()
    assert "| image ÷ the tutorial's: Node, its libraries and CA bundle alone | 0.625 |" in page
    assert page.count("above the floor: bare ") == 2
    del samples.raw["start_ms"]["static"], samples.raw["cold_s"]
    report.write(tmp_path, samples, {})
    page = (tmp_path / "benchmark.md").read_text()
    assert "above the floor: bare " not in page
    assert "cold build ÷ docker init style: ours on" not in page


def test_the_report_shows_every_variant_and_what_is_absent(tmp_path: Path) -> None:
    report.write(tmp_path, complete(), {"date": "today"})
    page = (tmp_path / "benchmark.md").read_text()
    for variant in ALL:
        assert variant.key == "apps" or f"| {variant.label} |" in page
    for text in ("Alpine", "buildpacks", "today", "benchmark-sizes.svg", "**missed**"):
        assert text in page
