"""Shows the main job: bakes the default answers, builds, runs, fetches /, shows the sizes, cleans up."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from loopback import GREETING, free_port

ROOT = Path(__file__).resolve().parent.parent


def say(step: str) -> None:
    """Print the command that a reader could type, before it runs."""
    print(f"\n$ {step}", flush=True)


def main() -> int:
    """Run the demonstration; return the exit code: 0 if the service greeted as the tutorial's does."""
    port = free_port()
    # A name of its own, so that a service of the user's under the default name stays untouched.
    slug = f"node-multi-stage-demo-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="node-multi-stage-demo-") as folder:
        project = Path(folder) / slug

        def make(*arguments: str) -> None:
            say(" ".join(["make", *arguments]))
            subprocess.run(["make", "--no-print-directory", *arguments], cwd=project, check=True)

        say(f"cookiecutter --no-input {ROOT.name} project_slug={slug}")
        cookiecutter = Path(sys.executable).with_name("cookiecutter")
        bake: list[str | Path] = [
            cookiecutter,
            "--no-input",
            "--output-dir",
            folder,
            ROOT,
            f"project_slug={slug}",
        ]
        subprocess.run(bake, check=True)
        try:
            make("run", f"PORT={port}")
            say(f"curl http://localhost:{port}/")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
                body = response.read().decode()
            print(body)
            make("size")
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        finally:
            make("clean")
    return 0 if body.strip() == GREETING else 1


if __name__ == "__main__":
    sys.exit(main())
