"""The benchmark's rounds and its treatment of the peers' files and of the real service; measuring is `make bench`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import builds, conditions, intervals, real_service, report
from benchmarks.__main__ import PHASES, begin, with_images
from benchmarks.commands import BenchmarkError
from benchmarks.contexts import HERE, bake, own_caches, template_before, with_ca
from benchmarks.figures import ROWS, figures
from benchmarks.real_service import LOCKFILE, ORDERS, check_lock, lay_over
from benchmarks.samples import Samples
from benchmarks.variants import ALL, PEERS, Variant, taking_part


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are test_intervals.py's."""
    monkeypatch.setattr(intervals, "RESAMPLES", 40)


PEER_FILES = sorted(HERE.glob("peers/*/*Dockerfile"))


def complete(rounds: int = 6) -> Samples:
    """Measurements of everything: the floor 1 and all others 2 in each round."""
    samples = Samples()
    groups = {
        "size": ("image_mb", "gzip_mb", "files", "packages", "foreign_mb"),
        "start": ("start_ms", "memory_mb", "stop_s", "exit_code"),
        "build": ("edit_s", "unchanged_s", "version_s"),
        "dependency": ("dependency_s",),
        "cold": ("cold_s",),
        "load": ("requests_per_s", "p50_ms", "p99_ms", "busy_stop_s"),
        "reads": ("reads_per_s",),
        "reload": ("reload_s", "reload_in_flight_s"),
    }
    for group, measures in groups.items():
        for variant in taking_part(group):
            for measure in measures:
                for _ in range(rounds):
                    samples.add(measure, variant.key, 1.0 if variant.key == "static" else 2.0)
    for kind in ("one-file", "ours", "before"):
        for _ in range(rounds):
            samples.add("bake_s", kind, 1.0)
    return samples


def test_every_row_has_a_figure_when_all_is_measured() -> None:
    rows = figures(complete())
    assert len(rows) == len(ROWS) == 61
    assert len({row.figure for row in rows}) == len(rows)
    assert {row.value for row in rows if "÷" in row.figure and "stop" not in row.figure} == {1.0}


def test_every_key_of_a_row_is_measured_by_a_phase() -> None:
    measured = {(measure, variant) for measure, lists in complete().raw.items() for variant in lists}
    for row in ROWS:
        for peer in row.peers or ("",):
            assert set(row.beside(peer).keys) <= measured


def test_a_part_of_the_measurements_gives_a_part_of_the_rows() -> None:
    samples = complete()
    del samples.raw["cold_s"]
    assert len(figures(samples)) == len(ROWS) - 3
    assert figures(Samples()) == []


def test_rounds_pair_the_values_that_were_measured_together() -> None:
    samples = Samples({"s": {"a": [1.0, None, 3.0, 4.0], "b": [10.0, 20.0, None]}})
    assert samples.rounds(("s", "a"), ("s", "b")) == [(1.0, 10.0)]
    assert samples.values("s", "a") == [1.0, 3.0, 4.0]
    assert not samples.has("s", "a", "c")


def test_another_run_adds_rounds_after_those_that_a_variant_missed() -> None:
    samples = Samples({"s": {"a": [1.0, 2.0, 3.0], "b": [10.0]}})
    for value in (4.0, 5.0):
        samples.add("s", "a", value)
        samples.add("s", "b", 10 * value)
        samples.add("s", "new", 100 * value)
    assert samples.rounds(("s", "a"), ("s", "b")) == [(1.0, 10.0), (4.0, 40.0), (5.0, 50.0)]
    assert samples.rounds(("s", "a"), ("s", "new")) == [(4.0, 400.0), (5.0, 500.0)]


@pytest.mark.parametrize("name", ["measured files", "processor", "kernel", "Docker Engine", "node", "base images"])
def test_rounds_of_other_files_or_another_machine_are_not_added(tmp_path: Path, name: str) -> None:
    described = {**dict.fromkeys(conditions.SAME, "the same"), "date": "today"}
    assert begin(tmp_path, described).raw == {}
    report.write(tmp_path, complete(), described)
    assert begin(tmp_path, {**described, "date": "tomorrow"}).raw == complete().raw
    assert begin(tmp_path, {**described, name: "another"}).raw == {}


def test_the_hash_of_what_is_measured_leaves_out_the_arithmetic() -> None:
    assert all((HERE.parent / name).is_file() for name in conditions.READ_ANEW)
    names = conditions.measured_names()
    assert {"benchmarks/load.py", "local_extensions.py"} <= set(names)
    assert not set(conditions.READ_ANEW) & set(names)
    assert all(any(name.startswith(start) for name in names) for start in conditions.MEASURED)


def test_a_round_of_builds_leaves_out_what_decides_nothing_after_the_first() -> None:
    samples = complete(2)
    samples.raw["dependency_s"]["distroless"] = [1.0, 1.0]
    variants = taking_part("dependency")
    assert builds.in_round("dependency_s", variants, 0, samples) == variants
    later = {variant.key for variant in builds.in_round("dependency_s", variants, builds.FEW["dependency_s"], samples)}
    assert {"ours-express", "ours-pnpm", "service-ours", "distroless"} <= later
    assert len(later) == 5  # one peer of the real service
    kept = {variant.key for variant in builds.in_round("cold_s", taking_part("cold"), builds.FEW["cold_s"], samples)}
    assert kept == {"ours-express", "docker-init", "before", "service-ours", "service-docker-init"}


class CountingBuilder(builds.Builder):
    """Builds nothing, keeps the round of each build, and takes the seconds that are given by variant and round."""

    def __init__(self, folder: Path, times: dict[str, Sequence[float]]) -> None:
        self.contexts = {key: folder / key for key in times}
        for context in self.contexts.values():
            context.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                (context / name).touch()
        self.times, self.round = times, -1
        self.built: dict[str, list[int]] = {key: [] for key in times}

    def begin_round(self, _project: Path, _package: str) -> None:
        self.round += 1

    def build(self, variant: Variant, tag: str = "run") -> float:
        assert tag == "rebuild"
        if self.round >= 0:
            self.built[variant.key].append(self.round)
        return self.times[variant.key][self.round]


def test_a_change_of_the_best_peer_leaves_every_value_in_its_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {"ours-express": [4.0] * 9, "docker-init": [1.0] * 2 + [9.0] * 7, "no-npm": [1.5] * 9}
    variants = [variant for variant in ALL if variant.key in times]
    samples = Samples()
    built: dict[str, list[int]] = {key: [] for key in times}
    for start, rounds in ((0, 6), (6, 3)):
        builder = CountingBuilder(tmp_path, {key: values[start:] for key, values in times.items()})
        monkeypatch.setattr(builds, "add_dependency", builder.begin_round)
        builds.measure_dependencies(builder, variants, rounds, samples)
        for key, numbers in builder.built.items():
            built[key] += [start + number for number in numbers]
        samples = Samples(json.loads(json.dumps(samples.raw)))
    for key, values in samples.raw["dependency_s"].items():
        assert [number for number, value in enumerate(values) if value is not None] == built[key]
    assert built == {"ours-express": [*range(9)], "docker-init": [0, 1, 2, 3, 6, 7], "no-npm": [0, 1, 4, 5, 6, 7, 8]}


@pytest.mark.parametrize("path", PEER_FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_peer_is_changed_only_to_trust_a_private_ca_and_to_own_its_caches(path: Path) -> None:
    original = path.read_text()
    changed = with_ca(own_caches(original, "run-"))
    assert "NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca npm" in changed
    for inserted in (
        "NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca ",
        "--mount=type=secret,id=extra_ca ",
        "id=run-/root/.npm,",
    ):
        changed = changed.replace(inserted, "")
    assert changed == original


def test_every_peer_has_a_dockerfile_for_each_subject() -> None:
    names = {"Dockerfile", "service.Dockerfile"}
    assert {(path.parent.name, path.name) for path in PEER_FILES} == {(p.key, name) for p in PEERS for name in names}


def test_the_real_service_moves_into_a_bake_by_the_guide(tmp_path: Path) -> None:
    project = bake(tmp_path, real_service.ANSWERS)
    lay_over(project)
    assert "import { app as orders } from './orders.ts';" in (project / "src" / "app.ts").read_text()
    for folder in ("public", "views"):
        assert f"COPY --chmod=555 {folder} {folder}\n" in (project / "Dockerfile").read_text()
        assert list((project / folder).iterdir())


def test_the_real_service_is_locked_whole_and_without_addresses() -> None:
    packages = json.loads(LOCKFILE.read_text())["packages"]
    own = ORDERS.manifest["dependencies"]
    assert len(own) > 20
    assert own.items() <= packages[""]["dependencies"].items(), "make bench-lock locks it anew"
    assert all("integrity" in package and "resolved" not in package for name, package in packages.items() if name)


def test_a_real_service_with_another_lock_is_not_built(tmp_path: Path) -> None:
    names = ("dependencies", "devDependencies")
    root = json.loads(LOCKFILE.read_text())["packages"][""]
    (tmp_path / "package.json").write_text(json.dumps({name: root[name] for name in names}))
    check_lock(tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({**root, "dependencies": {"express": "0.0.1"}}))
    with pytest.raises(BenchmarkError, match="make bench-lock"):
        check_lock(tmp_path)


def test_phases_take_every_variant_and_need_the_images_that_commands_run_in() -> None:
    taken = {variant.key for phase in PHASES for variant in phase.variants(ALL)}
    assert taken == {variant.key for variant in ALL} - {"apps"}
    silent = [variant for variant in ALL if variant.key == "silent-http"]
    assert [variant.key for variant in with_images(silent)] == ["ours-http", "silent-http"]


def test_a_busy_machine_is_named() -> None:
    samples = Samples({"calibration_ms": {"start": [*[50.0] * 8, 80.0, 80.0], "load": [50.0, 51.0, 52.0]}})
    assert conditions.unrest(samples, {"load average before": "0.01"}) == [
        "in the phase start the same work took up to 1.60 of its least"
    ]
    [load_line, _] = conditions.unrest(samples, {"load average before": "99.00"})
    assert "99.00" in load_line


def test_the_references_stand_beside_the_limits(tmp_path: Path) -> None:
    samples = complete()
    samples.raw["image_mb"]["node"] = [1.0, 1.0, 1.0]
    report.write(tmp_path, samples, {})
    page = (tmp_path / "benchmark.md").read_text()
    assert "| image ÷ the tutorial's: Node, its libraries and CA bundle alone | 0.500 |" in page
    assert page.count("node:http's: bare ") == 2
    del samples.raw["start_ms"]["static"], samples.raw["cold_s"]
    report.write(tmp_path, samples, {})
    page = (tmp_path / "benchmark.md").read_text()
    assert "node:http's: bare " not in page
    assert "cold build ÷ docker init style: ours on" not in page


def test_the_report_shows_every_variant_and_what_is_absent(tmp_path: Path) -> None:
    samples = complete()
    samples.raw["edit_s"]["service-ours"] = [9.0] * 6
    samples.raw["start_ms"]["bare-fastify"] = [1.0] * 6  # as the floor
    samples.raw["reload_s"]["ours-express"] = [0.5, 0.5, 0.5, 1.5, 1.5, 1.5]
    report.write(tmp_path, samples, {"date": "today", "load average before": "99"})
    page = (tmp_path / "benchmark.md").read_text()
    for variant in ALL:
        assert variant.key == "apps" or f"| {variant.label} |" in page
    for text in ("Alpine", "buildpacks", "today", "benchmark-sizes.svg", "**missed**", "**unsettled**", "not quiet"):
        assert text in page
    rows = json.loads((tmp_path / "benchmark.json").read_text())["ratios"]
    assert {row["held"] for row in rows} == {True, False, None}
    assert [row["value"] for row in rows].count(None) == 1
    assert set(rows[0]) == {"figure", "value", "low", "high", "limit", "kind", "runs", "held"}


def test_the_round_before_is_baked_by_its_own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE.parent))
    template = template_before(tmp_path)
    assert '"database"' not in (template / "cookiecutter.json").read_text()
    assert "AS runtime" in (bake(tmp_path / "before", {}, template) / "Dockerfile").read_text()
