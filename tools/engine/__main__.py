"""Command line: `run [--images LIST] -- COMMAND...`, `status`, `clean`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial

from engine import base_images, client, databases, machine, private
from engine.locks import Lock, exclusive
from engine.steps import EngineError, Interrupted, die_with_us, raise_on_signals, say

GRACE = 20.0  # seconds an interrupted command gets for its own clean-up
ORDER = "usage: python -m engine run [--images LIST] -- COMMAND..."


def main(arguments: list[str]) -> int:
    """Run one subcommand; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    run = commands.add_parser("run", help="run a command with a Docker engine and base images")
    run.add_argument("--images", default=",".join(base_images.DEFAULT), help="`all`, or names with commas")
    run.add_argument("command", nargs=argparse.REMAINDER, help="after `--`: the command and its arguments")
    commands.add_parser("status", help="say which engine there is")
    commands.add_parser("clean", help="stop a private engine that nobody uses and remove the cache")
    options = parser.parse_args(arguments)
    raise_on_signals()
    try:
        if options.action == "status":
            return status()
        if options.action == "clean":
            return clean()
        command = options.command[1:] if options.command[:1] == ["--"] else options.command
        if not command:
            raise EngineError(ORDER)
        images, of_databases = databases.choose(options.images)
        with client.use() as engine:
            base_images.ensure(engine, machine.paths(), images)
            databases.ensure(engine, machine.paths(), of_databases)
            return run_command(command, engine.env)
    except EngineError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 1
    except Interrupted as interrupted:
        return 128 + interrupted.signum


def run_command(command: list[str], env: dict[str, str]) -> int:
    """Run the wrapped command and return its exit status; a signal to us goes to all of its group."""
    try:
        process = subprocess.Popen(
            command, env=env, start_new_session=True, preexec_fn=partial(die_with_us, signal.SIGTERM)
        )
    except OSError as error:
        raise EngineError(f"{command[0]}: {error.strerror}") from None
    try:
        code = process.wait()
    except Interrupted:
        # SIGINT first whatever we got: pytest and Python then tear down their fixtures, SIGTERM kills them.
        for signum, seconds in ((signal.SIGINT, GRACE), (signal.SIGTERM, 5.0), (signal.SIGKILL, None)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signum)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        raise
    return 128 - code if code < 0 else code


def status() -> int:
    """Print which engine a run would use."""
    paths = machine.paths()
    if private.is_answering(paths):
        print(f"private engine: running, {paths.socket}")
        return 0
    running = client.find_running()
    print(running.name if running else f"no engine answers; a private one would live under {paths.base}")
    return 0


def clean() -> int:
    """Stop a private engine that nobody uses, and remove the cache."""
    paths = machine.paths()
    if not machine.cache().exists():
        return 0
    with exclusive(paths.lock("start"), "another run that starts or stops the private engine", client.START_TURN):
        users = Lock(paths.lock("users"))
        if not users.try_exclusive():
            raise EngineError(f"the private engine under {paths.base} is in use; nothing was removed")
        if paths.root.is_dir():
            private.stop(paths)
            if paths.host.exists():
                raise EngineError(f"nothing was removed: the host's network can only be put back by {paths.host}")
        shutil.rmtree(machine.cache())
        users.close()
    say(f"removed {machine.cache()}")
    return forget_stand_ins()


def forget_stand_ins() -> int:
    """Remove the stand-ins from a running engine that is not ours; returns the exit status."""
    try:
        running = client.find_running()
    except EngineError as error:
        say(f"looked for no stand-ins: {error}")  # no run makes them in such an engine
        return 0
    if running is None:
        return 0
    status = 0
    for forget in (databases.forget, base_images.forget):
        try:
            forget(running)
        except EngineError as error:
            say(f"not removed: {error}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
