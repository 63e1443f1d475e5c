"""A project's stack on the test's Swarm: deployed by its own make, looked at through the engine."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import docker
from docker.models.containers import Container

from loopback import free_port
from support.baking import BakedProject
from support.running import Service, request, wait_until


@dataclass
class Stack:
    """A project whose image goes to `registry`; the balancer answers on `port` of this machine."""

    project: BakedProject
    registry: str
    port: int
    client: docker.DockerClient = field(repr=False)

    @property
    def image(self) -> str:
        """The image's name without a tag."""
        return f"{self.registry}/team/{self.project.slug}"

    def make(self, *arguments: str) -> tuple[int, str]:
        """Run make in the project as its owner would; return status and all output."""
        # The kernel of the tests lacks IPVS; all else is an ordinary swarm's.
        env = {**os.environ, "ENDPOINT_MODE": "dnsrr"}
        result = self.project.make_with(env, *arguments, f"IMAGE={self.image}", f"PORT={self.port}")
        return result.returncode, result.stdout + result.stderr

    def deploy(self, *arguments: str) -> None:
        """Do `make deploy`, which must succeed."""
        status, output = self.make("deploy", *arguments)
        assert status == 0, output

    def rollback(self) -> None:
        """Do `make rollback`, which must succeed."""
        status, output = self.make("rollback")
        assert status == 0, output

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a source file."""
        file = self.project.path / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def change(self, *options: str) -> None:
        """Do `docker service update` on the replicas, and wait until it is done."""
        command = ["docker", "service", "update", "--quiet", *options, f"{self.project.slug}_app"]
        subprocess.run(command, check=True, capture_output=True)

    def containers(self, service: str = "app") -> list[Container]:
        """The running containers of a service."""
        label = f"com.docker.swarm.service.name={self.project.slug}_{service}"
        return list(self.client.containers.list(filters={"label": label}, ignore_removed=True))

    def is_healthy(self, count: int, without: str = "") -> bool:
        """Whether exactly that many replicas run, all healthy, none of them the container `without`."""
        found = self.containers()
        return len(found) == count and all(c.health == "healthy" and c.id != without for c in found)

    def is_answering(self) -> bool:
        """Whether the balancer gets 200 for /."""
        try:
            return request(self.port).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def servers(self) -> int:
        """How many replicas the balancer has found and holds for ready."""
        [balancer] = self.containers("balancer")
        log = balancer.logs().decode()
        up: set[str] = set()
        for name, state in re.findall(r"Server app/(app\d+)(?: \('\S+'\))? is (UP|DOWN|going DOWN)", log):
            (up.add if state == "UP" else up.discard)(name)
        return len(up)

    def remove(self) -> None:
        """Do `make undeploy`, wait until nothing of the stack runs, and delete its volumes."""
        status, output = self.make("undeploy")
        assert status == 0, output
        # The engine removes the last containers a moment after Swarm has forgotten them.
        label = f"com.docker.stack.namespace={self.project.slug}"

        def gone() -> bool:
            return not self.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)

        assert wait_until(gone, 60)
        for volume in self.client.volumes.list(filters={"label": label}):
            volume.remove()

    def clean(self) -> None:
        """Remove the images that went to the registry and came back."""
        for image in self.client.api.images(self.image):
            for tag in [*(image["RepoTags"] or []), *(image["RepoDigests"] or [])]:
                subprocess.run(["docker", "rmi", "--force", tag], capture_output=True, check=False)


@contextmanager
def deployed(service: Service, registry: str) -> Iterator[Stack]:
    """A project's stack, deployed; it is removed at the end, with its images."""
    stack = Stack(service.project, registry, free_port(), service.client)
    try:
        stack.deploy()
        yield stack
    finally:
        stack.remove()
        stack.clean()


def wrk(stack: Stack, tools: str, seconds: int) -> str:
    """Load the balancer from its own network namespace over 64 connections; return wrk's report."""
    [balancer] = stack.containers("balancer")
    options = ["--threads", "1", "--connections", "64", "--duration", f"{seconds}s", "--latency"]
    command = ["docker", "run", "--rm", "--network", f"container:{balancer.id}", tools, "wrk", *options]
    return subprocess.run([*command, "http://127.0.0.1:3000/"], capture_output=True, text=True, check=True).stdout
