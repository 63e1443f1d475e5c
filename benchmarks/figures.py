"""The figures that ours must reach, computed from the measurements; a missed one is shown as missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.samples import Samples
from benchmarks.variants import PEERS

FRAMEWORKS = ("http", "express", "fastify")
PEER_KEYS = [peer.key for peer in PEERS]
DEFAULT = "ours-express"
BUSY = tuple(f"ours-{framework}" for framework in FRAMEWORKS)
# Megabytes above Node, its libraries and the CA bundle that the minimal image may weigh, by framework.
ABOVE_NODE_MB = {"http": 0.4, "express": 2.1, "fastify": 2.8}
# What an answer other than `none` may add to that.
ADDED_MB = {
    "sqlite": {"http": 0.1, "express": 0.1, "fastify": 0.1},
    "postgres": {"http": 1.0, "express": 1.0, "fastify": 1.0},
    "static": {"http": 0.4, "express": 0.1, "fastify": 1.9},
    "prometheus": {"http": 0.4, "express": 0.4, "fastify": 0.4},
}


@dataclass(frozen=True)
class Figure:
    """One row of docs/results/benchmark.json: `value` held against `limit` in the sense of `kind`."""

    figure: str
    value: float
    limit: float
    kind: str
    runs: int

    @property
    def held(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit if self.kind == "at most" else self.value >= self.limit

    def row(self) -> dict[str, object]:
        """The row as JSON takes it."""
        return {**asdict(self), "held": self.held}


class Table:
    """Builds the rows for which the run has the measurements."""

    def __init__(self, samples: Samples) -> None:
        """Take the measurements."""
        self.samples = samples

    def at_most(self, figure: str, limit: float, values: list[float]) -> Figure:
        """A row whose value is the median of the rounds' values."""
        return Figure(figure, round(median(values), 3), limit, "at most", len(values))

    def at_least(self, figure: str, limit: float, values: list[float]) -> Figure:
        """The same where more is better."""
        return Figure(figure, round(median(values), 3), limit, "at least", len(values))

    def sizes(self) -> Iterator[Figure]:
        """Megabytes above the floor, and image and download beside the tutorial's."""
        samples = self.samples
        for framework in FRAMEWORKS:
            above = samples.excess("image_mb", f"ours-{framework}", "node")
            title = f"MB above Node, its libraries and CA bundle: {framework}"
            yield self.at_most(title, ABOVE_NODE_MB[framework], [above])
        yield self.at_most("image ÷ the tutorial's (express)", 0.32, samples.ratio("image_mb", DEFAULT, "tutorial"))

    def downloads(self) -> Iterator[Figure]:
        """What a pull transfers, beside the tutorial's."""
        samples = self.samples
        yield self.at_most("gzip for pull ÷ the tutorial's", 0.37, samples.ratio("gzip_mb", DEFAULT, "tutorial"))
        yield self.at_most(
            "zstd for pull ÷ the tutorial's gzip, the default of a push",
            0.28,
            samples.ratio("zstd_mb", DEFAULT, "tutorial", "gzip_mb"),
        )
        yield self.at_most("zstd for pull ÷ the tutorial's zstd", 0.28, samples.ratio("zstd_mb", DEFAULT, "tutorial"))

    def starts(self) -> Iterator[Figure]:
        """Start, stop and memory."""
        samples = self.samples
        yield self.at_most(
            "start to first 200 ÷ the tutorial's (express)", 0.50, samples.ratio("start_ms", DEFAULT, "tutorial")
        )
        rounds = len(samples.raw["start_ms"][DEFAULT])
        bare = samples.excess("start_ms", "bare", "static")
        for framework, limit in zip(FRAMEWORKS, (1.6, 2.4, 3.0), strict=True):
            ours = samples.excess("start_ms", f"ours-{framework}", "static")
            title = f"above the floor ÷ bare CommonJS node:http above the floor: {framework}"
            yield Figure(title, round(ours / bare, 3), limit, "at most", rounds)
        best = samples.best("start_ms", PEER_KEYS)
        value = samples.excess("start_ms", DEFAULT, "static") / samples.excess("start_ms", best, "static")
        title = f"above the floor ÷ best peer's ({best}) with the same application"
        yield Figure(title, round(value, 3), 0.95, "at most", rounds)
        yield self.at_most("docker stop idle ÷ static server's", 1.1, samples.ratio("stop_s", DEFAULT, "static"))
        for framework in FRAMEWORKS:
            bare_key = "bare" if framework == "http" else f"bare-{framework}"
            values = samples.ratio("memory_mb", f"ours-{framework}", bare_key)
            yield self.at_most(f"idle memory ÷ bare framework: {framework}", 1.15, values)

    def rebuilds(self) -> Iterator[Figure]:
        """A source edit beside nothing changed."""
        for language, key, limit in (("JavaScript", DEFAULT, 1.3), ("TypeScript", "ours-typescript", 3.0)):
            values = self.samples.ratio("edit_s", key, key, "unchanged_s")
            yield self.at_most(f"rebuild after a source edit ÷ with nothing changed: {language}", limit, values)

    def dependencies(self) -> Iterator[Figure]:
        """A new dependency beside the best peer."""
        best = self.samples.best("dependency_s", PEER_KEYS)
        for manager, key, limit in (("npm", DEFAULT, 1.5), ("pnpm", "ours-pnpm", 1.2)):
            title = f"rebuild after adding a dependency ÷ best peer's ({best}): {manager}"
            yield self.at_most(title, limit, self.samples.ratio("dependency_s", key, best))

    def cold(self) -> Iterator[Figure]:
        """A build from nothing beside docker init's."""
        values = self.samples.ratio("cold_s", DEFAULT, "docker-init")
        yield self.at_most("cold build ÷ docker init style", 1.4, values)

    def load(self) -> Iterator[Figure]:
        """Requests per second beside the bare frameworks, the usual middlewares and the best peer."""
        samples, measure = self.samples, "requests_per_s"
        for framework, limit in zip(FRAMEWORKS, (0.85, 0.80, 0.80), strict=True):
            bare = "bare" if framework == "http" else f"bare-{framework}"
            title = f"requests per second, silent log ÷ bare framework: {framework}"
            yield self.at_least(title, limit, samples.ratio(measure, f"silent-{framework}", bare))
        for framework in FRAMEWORKS:
            title = f"requests per second, logging ÷ the framework's usual logger and helmet: {framework}"
            values = samples.ratio(measure, f"ours-{framework}", f"usual-{framework}")
            yield self.at_least(title, 1.0, values)
        best = samples.best(measure, PEER_KEYS, max)
        title = f"requests per second ÷ best peer's ({best}) with the same application"
        yield self.at_least(title, 0.95, samples.ratio(measure, DEFAULT, best))

    def busy_stops(self) -> Iterator[Figure]:
        """Seconds of `docker stop` under load."""
        for framework in FRAMEWORKS:
            title = f"docker stop with 64 clients that ask without a pause, seconds: {framework}"
            yield self.at_most(title, 1.0, self.samples.raw["busy_stop_s"][f"ours-{framework}"])

    def reloads(self) -> Iterator[Figure]:
        """Seconds from an edit to the answer that shows it."""
        for measure, when in (("reload_s", ""), ("reload_in_flight_s", ", a request in flight")):
            for language, key in (("JavaScript", DEFAULT), ("TypeScript", "ours-typescript")):
                title = f"reload of make dev, seconds: {language}{when}"
                yield self.at_most(title, 1.0, self.samples.raw[measure][key])

    def bakes(self) -> Iterator[Figure]:
        """A bake beside cookiecutter's own."""
        values = self.samples.ratio("bake_s", "ours", "one-file")
        yield self.at_most("bake by command ÷ cookiecutter's own bake of one file", 2.2, values)


# The figures of a group need this measure of these variants.
_START = ("static", "bare", "tutorial", "bare-express", *(f"ours-{name}" for name in FRAMEWORKS))
GROUPS: tuple[tuple[str, tuple[str, ...], Callable[[Table], Iterator[Figure]]], ...] = (
    ("image_mb", ("node", "tutorial", *(f"ours-{name}" for name in FRAMEWORKS)), Table.sizes),
    ("zstd_mb", (DEFAULT, "tutorial"), Table.downloads),
    ("start_ms", _START, Table.starts),
    ("edit_s", (DEFAULT, "ours-typescript"), Table.rebuilds),
    ("dependency_s", (DEFAULT, "ours-pnpm", *PEER_KEYS), Table.dependencies),
    ("cold_s", (DEFAULT, "docker-init"), Table.cold),
    ("requests_per_s", (DEFAULT, "silent-express", "usual-express", *PEER_KEYS), Table.load),
    ("busy_stop_s", BUSY, Table.busy_stops),
    ("reload_in_flight_s", (DEFAULT, "ours-typescript"), Table.reloads),
    ("bake_s", ("ours", "one-file"), Table.bakes),
)


def figures(samples: Samples) -> list[Figure]:
    """Return every row for which all measurements are there."""
    table = Table(samples)
    return [row for measure, needed, rows in GROUPS if samples.has(measure, *needed) for row in rows(table)]
