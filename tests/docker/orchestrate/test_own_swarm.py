"""The Swarm that the tests have: other projects of the engine, which run meanwhile, do not notice it."""

from __future__ import annotations

import secrets

import docker

from support import swarm

NODE = "node:26-trixie-slim"
LOOKUP = "require('node:dns').lookup('database', (error, address) => console.log(error?.code ?? address))"


def test_names_of_running_containers_outlive_it(client: docker.DockerClient) -> None:
    """Leaving a Swarm makes an engine forget them: `make run` of other tests then found no database."""
    network = client.networks.create(f"node-multi-stage-test-{secrets.token_hex(4)}")
    database = client.containers.create(NODE, ["sleep", "600"], init=True, network="none")
    try:
        client.networks.get("none").disconnect(database)
        network.connect(database, aliases=["database"])
        database.start()
        with swarm.joined(client):
            pass
        assert "containers that run" in swarm.leave(client)
        found = client.containers.run(NODE, ["node", "-e", LOOKUP], network=network.id, remove=True)
        database.reload()
        [settings] = database.attrs["NetworkSettings"]["Networks"].values()
        assert found.decode().strip() == settings["IPAddress"]
    finally:
        database.remove(force=True)
        network.remove()
