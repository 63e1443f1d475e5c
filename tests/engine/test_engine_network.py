"""How the engine's tool notes the host's network and puts it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import network
from engine.machine import Paths


def test_dockers_iptables_rules_are_taken_out_and_no_others() -> None:
    rules = """\
-P FORWARD DROP
-N DOCKER
-N DOCKER-USER
-N MINE
-A FORWARD -j DOCKER-USER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i eth0 -j MINE
-A DOCKER -i docker0 -j RETURN
-A MINE -j ACCEPT
"""
    assert network.undo_rules(rules).splitlines() == [
        "-F DOCKER",
        "-F DOCKER-USER",
        "-D FORWARD -j DOCKER-USER",
        "-D FORWARD -i docker0 ! -o docker0 -j ACCEPT",
        "-X DOCKER",
        "-X DOCKER-USER",
    ]
    assert network.undo_rules("-P INPUT ACCEPT\n-A INPUT -i eth0 -j ACCEPT\n") == ""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a host of its own in it: no bridge, no forwarding, and no folder of a program's."""
    (tmp_path / "ip_forward").write_text("0\n")
    monkeypatch.setattr(network, "FORWARD", tmp_path / "ip_forward")
    monkeypatch.setattr(network, "RUN_FOLDERS", (tmp_path / "run",))
    monkeypatch.setattr(network, "bridges", lambda: [])
    return tmp_path


def iptables_that(folder: Path, script: str) -> dict[str, str]:
    """Return an environment with a fake iptables, which notes its arguments in `calls`."""
    (folder / "iptables").write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{script}\n')
    (folder / "iptables").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def remember_and_restore(folder: Path, env: dict[str, str]) -> bool:
    """Note how the host is, change it as an engine does, and put it back; return whether a note is left."""
    paths = Paths(folder / "engine")
    paths.base.mkdir()
    network.remember(paths, env)
    (folder / "ip_forward").write_text("1\n")
    (folder / "run").mkdir()
    network.restore(paths, env)
    return paths.host.exists()


def test_a_host_is_put_back_as_it_was(host: Path) -> None:
    assert not remember_and_restore(host, iptables_that(host, 'case "$*" in *FORWARD*) echo "-P FORWARD DROP" ;; esac'))
    assert (host / "ip_forward").read_text().strip() == "0"
    assert not (host / "run").exists()
    assert "-P FORWARD DROP" in (host / "calls").read_text()


def test_tables_that_the_kernel_lacks_are_no_failure(host: Path) -> None:
    lacks = "iptables v1.8.9 (legacy): can't initialize iptables table raw: Table does not exist"
    last = "Perhaps iptables or your kernel needs to be upgraded."
    assert not remember_and_restore(host, iptables_that(host, f'echo "{lacks}" >&2; echo "{last}" >&2; exit 3'))


def test_a_firewall_that_cannot_be_read_is_told_and_left_alone(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The note stays: the next stop tries again."""
    assert remember_and_restore(host, iptables_that(host, "echo 'Permission denied (you must be root)' >&2; exit 4"))
    assert "Permission denied" in capsys.readouterr().err
    assert "-P" not in (host / "calls").read_text()
    assert (host / "ip_forward").read_text().strip() == "0", "the other steps are done"
