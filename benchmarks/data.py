"""The network of a run, its Postgres, and reads by key: ours beside the bare framework with the same driver."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.builds import Builder
from benchmarks.commands import BenchmarkError, Progress, run
from benchmarks.load import ask
from benchmarks.runs import PATIENCE, started, wait_for_answer
from benchmarks.samples import Samples, rotated
from benchmarks.variants import DATABASE_URL, DATABASES, Variant, by_framework

IMAGE = "postgres:18"
READ = "/notes/1"


@contextmanager
def surroundings(builder: Builder, variants: Sequence[Variant]) -> Iterator[None]:
    """Keep the run's network, and Postgres in it if a variant needs one."""
    server = f"{builder.network}-postgres"
    run("docker", "network", "create", "--label", builder.label, builder.network)
    try:
        if any(variant.env.get("DATABASE_URL") == DATABASE_URL for variant in variants):
            settings = ("--env", "POSTGRES_USER=app", "--env", "POSTGRES_PASSWORD=development")
            place = ("--name", server, "--network", builder.network, "--network-alias", "database")
            run("docker", "run", "--detach", *place, *settings, IMAGE)
            wait_for_postgres(server)
        yield
    finally:
        run("docker", "rm", "--force", "--volumes", server)
        run("docker", "network", "rm", builder.network)


def wait_for_postgres(name: str) -> None:
    """Wait until it takes connections over TCP; raises BenchmarkError after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            run("docker", "exec", name, "pg_isready", "--quiet", "--host=127.0.0.1", "--username=app")
        except BenchmarkError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def volume_of(builder: Builder) -> str:
    """The volume with the file that every service of SQLite reads."""
    return f"bench-{builder.run_id}-notes"


def prepare(builder: Builder, variants: Sequence[Variant]) -> None:
    """Migrate each database by a service of ours, and write the note that is read."""
    for database in DATABASES:
        variant = next((v for v in variants if v.kind == "ours" and v.image.endswith(database)), None)
        if variant is None:
            continue
        env = [word for pair in variant.env.items() for word in ("--env", "=".join(pair))]
        place = ("--network", builder.network, "--volume", f"{volume_of(builder)}:/data")
        run("docker", "run", "--rm", *place, *env, builder.image(variant), "node", "src/migrate.js")
        with started(builder, variant, *place[2:]) as (name, port):
            wait_for_answer(port, name)
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/notes",
                json.dumps({"text": "to be read"}).encode(),
                {"content-type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                if response.headers["location"] != READ:
                    raise BenchmarkError(f"the first note of {database} is {response.headers['location']}")


def measure_reads(builder: Builder, variants: Sequence[Variant], rounds: int, samples: Samples) -> None:
    """Take `reads_per_s`: requests per second for one note by its key."""
    progress = Progress("reads by key", rounds * len(variants))
    volume = ("--volume", f"{volume_of(builder)}:/data")
    try:
        prepare(builder, variants)
        for number in range(rounds):
            for variant in rotated(by_framework(variants), number):
                progress.step(variant.label)
                samples.add("reads_per_s", variant.key, ask(builder, variant, READ, *volume)["requests_per_s"])
    finally:
        run("docker", "volume", "rm", "--force", volume_of(builder))
