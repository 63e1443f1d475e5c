"""docs/hackathon.md, followed from an empty folder and an empty home: notes that stay, and a phone beside it.

The phone is a browser in another network of the engine. It asks the machine at that network's address of it, which is
not loopback; the Wi-Fi, and what a firewall makes of it, are not proved.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import docker
import pytest

from loopback import free_port
from support.as_written import TEMPLATE, blocks, shell
from support.baking import ROOT, BakedProject
from support.browser import ask_from, browse_from
from support.data.notes import texts, write
from support.development import body_has, make_dev
from support.recipes.streams import Stream
from support.running import Service, leftovers, wait_until

PAGE = ROOT / "docs" / "hackathon.md"
SLUG = "team-notes"
OTHERS = "bridge"
REPOSITORY = "https://raw.githubusercontent.com/org/node-multi-stage/main"


def machine(client: docker.DockerClient) -> str:
    """Return the address of this machine in the other network."""
    return str(client.networks.get(OTHERS).attrs["IPAM"]["Config"][0]["Gateway"])


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_from_nothing_to_notes_on_a_phone(client: docker.DockerClient, tmp_path: Path) -> None:
    assert leftovers(client, SLUG) == [], "this test needs the name of the page for itself"
    start, again, share, develop, recipes, end = blocks(PAGE.read_text(encoding="utf-8"))
    home, port = tmp_path / "home", free_port()
    url = f"http://{machine(client)}:{port}/"
    folder = tmp_path / SLUG

    def follow(commands: list[str], where: Path = folder) -> str:
        return shell(commands, where, APP_PORT=str(port), HOME=str(home))

    try:
        assert start[0].startswith(f"uvx cookiecutter {TEMPLATE} ")
        start[0] = start[0].replace(f"uvx cookiecutter {TEMPLATE}", f"cookiecutter '{ROOT}'")
        said = follow(start, tmp_path)
        assert f"{SLUG} is ready: http://127.0.0.1:{port}" in said
        service = Service(BakedProject(folder, {"project_slug": SLUG}), port, client)
        assert write(service, "is kept").status == 201
        follow(again)
        assert texts(service) == ["is kept"]
        assert ask_from(client, OTHERS, url) == "ECONNREFUSED"

        follow(share)
        seen = browse_from(client, OTHERS, url, notes=True)["phone"]
        assert seen["kept"][-1] == "Milk"
        assert (seen["console"], seen["errors"], seen["violations"], seen["barriers"]) == ([], [], [], [])
        assert "Milk" in texts(service), "what the phone writes is there for others"
        follow(["make run"])
        assert ask_from(client, OTHERS, url) == "ECONNREFUSED"

        follow(develop[:1])
        make, target, setting = develop[1].split()
        assert (make, target) == ("make", "dev")
        with make_dev(service, free_port(), setting, HOME=str(home)):
            page = folder / "public" / "index.html"
            page.write_text(page.read_text(encoding="utf-8").replace("<h2>Notes", "<h2>Ideas"), encoding="utf-8")
            assert wait_until(lambda: body_has(service, "<h2>Ideas", "/index.html"), 20)
            # An edit starts the process anew, which ends what it is asked just then.
            assert wait_until(lambda: ask_from(client, OTHERS, url) == "200", 20)
            assert texts(service) == [], "a database of its own"

        follow([line.replace(REPOSITORY, f"file://{ROOT}") for line in recipes])
        with closing(Stream(port)) as stream:
            assert stream.event() == "retry: 1000"
            assert write(service, "is seen").status == 201
            assert stream.event() == "data: notes"
        assert '"size":' in follow([f"curl --fail --form file=@README.md http://127.0.0.1:{port}/files"])
    finally:
        follow(end)
    assert leftovers(client, SLUG) == []
