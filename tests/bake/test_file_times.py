"""The times of the files of an image: they stand for what the files hold (scripts/image/times.mjs)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.baking import BIN, BakedProject, bake, not_on_windows


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The default answers."""
    return bake(tmp_path_factory.mktemp("times"))


def times(project: BakedProject, folder: Path, texts: dict[str, str]) -> dict[str, float]:
    """Write files and a link, date them by the script, and return each time in seconds since 1970."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "link").symlink_to("nowhere")
    script = project.path / "scripts" / "image" / "times.mjs"
    subprocess.run([BIN / "node", script, folder], check=True)
    names = [".", *(path.relative_to(folder).as_posix() for path in folder.rglob("*"))]
    return {name: os.lstat(folder / name).st_mtime for name in names}


@not_on_windows("links")
def test_a_time_stands_for_a_content(project: BakedProject, tmp_path: Path) -> None:
    texts = {f"page/{n}.html": f"{n:04}" for n in range(200)} | {"same.html": "0000", "empty": "", "other": ""}
    found = times(project, tmp_path / "one", texts)
    assert found == times(project, tmp_path / "two", texts), "the same tree, the same times"
    pages = [found[f"page/{n}.html"] for n in range(200)]
    assert len(set(pages)) == 200, "equal length, another time"
    assert found["same.html"] == found["page/0.html"]
    assert [found[name] for name in (".", "page", "link")] == [0, 0, 0]
    assert all(315532800 <= time < 946684800 for time in pages), "1980 to 2000: no clock says so today"
