"""The search itself: it finds a secret wherever a careless Dockerfile can leave one."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path

import pytest

from support.company.traces import image_traces, log_traces
from support.running import unique_slug

CARELESS = {
    "a file": "RUN echo SECRET > /file",
    "a file deleted later": "RUN echo SECRET > /file\nRUN rm /file",
    "a compressed archive": "RUN echo SECRET > /file && tar -czf /file.tar.gz /file && rm /file",
    "base64": "RUN printf 'user:SECRET!' | base64 -w0 > /file",
    "base64, shifted": "RUN printf 'user1:SECRET!' | base64 -w0 > /file",
    "a file name": "RUN touch /SECRET",
    "history": "RUN true SECRET",
    "a build argument": "ARG TOKEN=SECRET\nRUN true",
    "the environment": "ENV TOKEN=SECRET",
    "a label": "LABEL token=SECRET",
    "the command": 'CMD ["node", "SECRET"]',
}


# The others only when the search itself has changed: each builds an image and searches all of it twice.
ALWAYS = ("a compressed archive", "history")
PARAMETERS = [
    pytest.param(line, id=name, marks=[] if name in ALWAYS else pytest.mark.full) for name, line in CARELESS.items()
]


@pytest.mark.parametrize("line", PARAMETERS)
def test_search_finds(tmp_path: Path, line: str) -> None:
    secret, image = secrets.token_hex(16), f"{unique_slug()}:careless"
    (tmp_path / "Dockerfile").write_text(f"FROM node:26-trixie-slim\n{line.replace('SECRET', secret)}\n")
    subprocess.run(["docker", "build", "--quiet", "--tag", image, tmp_path], check=True, capture_output=True)
    try:
        assert image_traces([image], secret) != []
        assert image_traces([image], secrets.token_hex(16)) == []
    finally:
        subprocess.run(["docker", "image", "rm", image], check=True, capture_output=True)


def test_search_finds_in_a_log() -> None:
    assert log_traces("one\nmy secret here\nthree", "secret") == ["my secret here"]
