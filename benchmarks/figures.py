"""The figures that ours must reach, computed from the measurements; a missed one is shown as missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.intervals import (
    FEWEST,
    Rounds,
    Statistic,
    difference,
    interval,
    middle,
    quotient,
    quotient_above_floor,
    verdict,
)
from benchmarks.samples import Key, Samples
from benchmarks.variants import DATABASES, FRAMEWORKS, PEERS, SERVICE_PEERS, bare

DEFAULT = "ours-express"
SERVICE = "service-ours"
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
# Stands in a row's keys for the peer that comes off best beside ours.
BEST = "best peer"


@dataclass(frozen=True)
class Row:
    """A figure and its limit: the statistic of the rounds in which all its keys were measured.

    `exact` if it has no noise, such as a size. `peers` are those of which the best takes the place of BEST.
    """

    figure: str
    kind: str
    limit: float
    statistic: Statistic
    keys: tuple[Key, ...]
    exact: bool = False
    peers: tuple[str, ...] = ()

    def beside(self, peer: str) -> Row:
        """This row with one peer in BEST's place."""
        keys = tuple((measure, peer if variant == BEST else variant) for measure, variant in self.keys)
        return replace(self, figure=self.figure.replace(BEST, f"best peer ({peer})"), keys=keys)


@dataclass(frozen=True)
class Figure:
    """One row of docs/results/benchmark.json: `value`, between `low` and `high` by all likelihood, and its limit."""

    figure: str
    value: float
    low: float
    high: float
    limit: float
    kind: str
    runs: int
    held: bool | None

    @property
    def word(self) -> str:
        """The verdict."""
        return {True: "held", False: "missed", None: "unsettled"}[self.held]


def _rows() -> Iterator[Row]:
    yield from _sizes()
    yield from _starts()
    yield from _builds()
    yield from _loads()
    yield from _answers()
    yield from _times()


def _sizes() -> Iterator[Row]:
    for framework, limit in zip(FRAMEWORKS, (1.003, 1.017, 1.023), strict=True):
        title = f"image ÷ Node, its libraries and CA bundle: {framework}"
        keys = (("image_mb", f"ours-{framework}"), ("image_mb", "node"))
        yield Row(title, "at most", limit, quotient, keys, exact=True)
    keys = (("image_mb", SERVICE), ("image_mb", "service-docker-guide"))
    yield Row("real service: image ÷ Docker's guide style", "at most", 0.55, quotient, keys, exact=True)
    title = "real service: MB of binaries for another platform"
    yield Row(title, "at most", 0.0, middle, (("foreign_mb", SERVICE),), exact=True)


def _starts() -> Iterator[Row]:
    above = quotient_above_floor
    for framework, limit in zip(FRAMEWORKS, (1.8, 1.05, 1.05), strict=True):
        title = f"start above the floor ÷ the bare framework's: {framework}"
        yield Row(title, "at most", limit, above, _at("start_ms", f"ours-{framework}", bare(framework), "static"))
    for title, own, peers, limit in (
        (f"start above the floor ÷ {BEST}'s", DEFAULT, PEERS, 0.95),
        (f"real service: start above the floor ÷ {BEST}'s", SERVICE, SERVICE_PEERS, 0.85),
    ):
        keys = _at("start_ms", own, BEST, "static")
        yield Row(title, "at most", limit, above, keys, peers=tuple(peer.key for peer in peers))
    yield Row("stop ÷ static server's", "at most", 1.1, quotient, _at("stop_s", DEFAULT, "static"))
    for framework in FRAMEWORKS:
        title = f"idle memory ÷ bare framework: {framework}"
        yield Row(title, "at most", 1.12, quotient, _at("memory_mb", f"ours-{framework}", bare(framework)))


def _builds() -> Iterator[Row]:
    for title, measure, limit in (
        ("real service: after an edit ÷ without change", "edit_s", 3.0),
        ("real service: after an edit of the version ÷ without change", "version_s", 2.0),
    ):
        yield Row(title, "at most", limit, quotient, ((measure, SERVICE), ("unchanged_s", SERVICE)))
    for title, key, peers, limit in (
        ("npm", DEFAULT, PEERS, 1.5),
        ("pnpm", "ours-pnpm", PEERS, 1.2),
        ("real service", SERVICE, SERVICE_PEERS, 1.2),
    ):
        figure = f"after a dependency ÷ {BEST}'s: {title}"
        keys = _at("dependency_s", key, BEST)
        yield Row(figure, "at most", limit, quotient, keys, peers=tuple(peer.key for peer in peers))
    for title, key, other, limit in (
        ("cold ÷ docker init style: greeting", DEFAULT, "docker-init", 1.4),
        ("cold ÷ docker init style: real service", SERVICE, "service-docker-init", 1.1),
        ("cold ÷ before version 1.0.0: greeting", DEFAULT, "before", 1.1),
    ):
        yield Row(title, "at most", limit, quotient, _at("cold_s", key, other))


def _loads() -> Iterator[Row]:
    measure = "requests_per_s"
    for framework, limit in zip(FRAMEWORKS, (0.85, 0.95, 0.85), strict=True):
        title = f"requests per second, silent ÷ bare framework: {framework}"
        yield Row(title, "at least", limit, quotient, _at(measure, f"silent-{framework}", bare(framework)))
    for framework, limit in zip(FRAMEWORKS, (1.15, 1.5, 1.2), strict=True):
        title = f"requests per second, logging ÷ the framework's usual logger and helmet: {framework}"
        yield Row(title, "at least", limit, quotient, _at(measure, f"ours-{framework}", f"usual-{framework}"))
    for log, state in (("ours", "logging"), ("silent", "silent")):
        for framework in FRAMEWORKS:
            title = f"requests per second, {state}, with metrics ÷ without: {framework}"
            keys = _at(measure, f"{log}-{framework}-metrics", f"{log}-{framework}")
            yield Row(title, "at least", 0.95, quotient, keys)


def _answers() -> Iterator[Row]:
    """What the answer `database` costs."""
    for database in DATABASES:
        for framework in FRAMEWORKS:
            own, without = f"ours-{framework}-{database}", f"ours-{framework}"
            title = f"MB that {database} adds: {framework}"
            limit = ADDED_MB[database][framework]
            yield Row(title, "at most", limit, difference, _at("image_mb", own, without), exact=True)
            title = f"ms that {database} adds to a start: {framework}"
            yield Row(title, "at most", 40.0, difference, _at("start_ms", own, without))
            title = f"reads by key per second ÷ the bare framework's, {database}: {framework}"
            keys = _at("reads_per_s", f"reads-{framework}-{database}", f"bare-reads-{framework}-{database}")
            yield Row(title, "at least", 0.9, quotient, keys)


def _times() -> Iterator[Row]:
    for framework in FRAMEWORKS:
        title = f"docker stop with 64 clients that ask without a pause, seconds: {framework}"
        yield Row(title, "at most", 1.0, middle, (("busy_stop_s", f"ours-{framework}"),))
    for measure, when in (("reload_s", ""), ("reload_in_flight_s", ", a request in flight")):
        for language, key in (("JavaScript", DEFAULT), ("TypeScript", "ours-typescript")):
            yield Row(f"reload of make dev, seconds: {language}{when}", "at most", 1.0, middle, ((measure, key),))
    title = "bake by command ÷ cookiecutter's own bake of one file"
    yield Row(title, "at most", 2.2, quotient, _at("bake_s", "ours", "one-file"))
    yield Row("bake by command ÷ before version 1.0.0", "at most", 1.1, quotient, _at("bake_s", "ours", "before"))


def _at(measure: str, *variants: str) -> tuple[Key, ...]:
    return tuple((measure, variant) for variant in variants)


ROWS = tuple(_rows())


def counted(measure: str) -> set[str]:
    """Return the variants of a measure that a row names: all others are shown, and decide nothing."""
    return {variant for row in ROWS for key, variant in row.keys if key == measure}


def best_peer(row: Row, samples: Samples) -> str:
    """Return the peer beside which ours looks worst, of those that took part in most rounds; "" if none did."""
    rounds = {peer: samples.rounds(*row.beside(peer).keys) for peer in row.peers}
    most = max(map(len, rounds.values()), default=0)
    able = [peer for peer, found in rounds.items() if found and 2 * len(found) >= most]
    return max(able, key=lambda peer: row.statistic(rounds[peer]), default="")


def figure(row: Row, rounds: Rounds) -> Figure:
    """Hold a row's rounds against its limit."""
    value = row.statistic(rounds)
    low, high = (value, value) if row.exact else interval(row.statistic, rounds)
    enough = row.exact or len(rounds) >= FEWEST
    held = verdict(low, high, row.limit, row.kind) if enough else None
    value, low, high = (round(number, 4) for number in (value, low, high))
    return Figure(row.figure, value, low, high, row.limit, row.kind, len(rounds), held)


def figures(samples: Samples) -> list[Figure]:
    """Return every row for which all measurements are there."""
    found = []
    for row in ROWS:
        if row.peers:
            peer = best_peer(row, samples)
            if not peer:
                continue
            row = row.beside(peer)
        if rounds := samples.rounds(*row.keys):
            found.append(figure(row, rounds))
    return found
