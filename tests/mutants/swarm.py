"""Mutants of the Swarm stack and of the balancer in front of it."""

from __future__ import annotations

from mutants.mutant import Mutant

STACK = "project/deploy/stack.yaml"
HAPROXY = "project/deploy/haproxy.cfg"
TESTS = "bake/test_swarm.py::"

MUTANTS = [
    Mutant(
        name="swarm: monitor dropped",
        file=STACK,
        old="        monitor: 10s\n",
        new="",
        test=f"{TESTS}test_a_replica_that_fails_soon_after_its_start_is_rolled_back",
        why="a version that fails after five seconds would replace every replica",
    ),
    Mutant(
        name="swarm: what was rolled back is a success",
        file="templates/deploy/swarm.mk",
        old="grep -q rollback",
        new="grep -q rolled-back",
        test="docker/orchestrate/test_swarm.py::test_a_bad_setting_is_rolled_back",
        why="a pipeline would be green while the old settings run",
    ),
    Mutant(
        name="swarm: failures go on",
        file=STACK,
        old="        failure_action: rollback\n",
        new="        failure_action: continue\n",
        test=f"{TESTS}test_updates_start_first_and_roll_back",
        why="a broken version would replace every replica",
    ),
    Mutant(
        name="swarm: the old replica stops first",
        file=STACK,
        old="        order: start-first\n",
        new="        order: stop-first\n",
        test=f"{TESTS}test_updates_start_first_and_roll_back",
        why="an update would take capacity away",
        times=2,
    ),
    Mutant(
        name="swarm: one replica",
        file=STACK,
        old="      replicas: 3\n",
        new="      replicas: 1\n",
        test=f"{TESTS}test_updates_start_first_and_roll_back",
        why="a node that fails would be an outage",
    ),
    Mutant(
        name="swarm: balancer writable",
        file=STACK,
        old="    read_only: true\n    cap_drop: [ALL]\n    stop_grace_period: 40s\n",
        new="    cap_drop: [ALL]\n    stop_grace_period: 40s\n",
        test=f"{TESTS}test_the_balancer_is_hardened_too",
        why="it is the container that the outside reaches first",
    ),
    Mutant(
        name="swarm: balancer with capabilities",
        file=STACK,
        old="    read_only: true\n    cap_drop: [ALL]\n    stop_grace_period: 40s\n",
        new="    read_only: true\n    stop_grace_period: 40s\n",
        test=f"{TESTS}test_the_balancer_is_hardened_too",
        why="it is the container that the outside reaches first",
    ),
    Mutant(
        name="swarm: the service's grace is shorter than its drain",
        file=STACK,
        old="    stop_grace_period: 10s\n",
        new="    stop_grace_period: 5s\n",
        test=f"{TESTS}test_deadlines_nest",
        why="requests in flight would be cut at every update",
    ),
    Mutant(
        name="swarm: the balancer is slower than the drain",
        file=HAPROXY,
        old="check inter 1s fall 2 rise 1",
        new="check inter 5s fall 2 rise 1",
        test=f"{TESTS}test_deadlines_nest",
        why="requests would go to a replica that has stopped",
    ),
    Mutant(
        name="swarm: liveness decides who gets requests",
        file=HAPROXY,
        old="option httpchk GET /readyz",
        new="option httpchk GET /livez",
        test=f"{TESTS}test_a_replica_is_asked_whether_it_is_ready",
        why="a replica that is draining would get new requests",
    ),
    Mutant(
        name="swarm: another port in the balancer",
        file=HAPROXY,
        old="    bind :{{ cookiecutter.port }}\n",
        new="    bind :3000\n",
        test=f"{TESTS}test_port_and_names_agree",
        why="the published port would lead nowhere",
    ),
    Mutant(
        name="swarm: the balancer is not believed",
        file=STACK,
        old="      TRUST_PROXY: uniquelocal\n",
        new="",
        test="bake/test_swarm.py::test_the_service_believes_its_balancer_alone",
        why="every client would have HAProxy's address",
    ),
    Mutant(
        name="swarm: the tests leave theirs while others run",
        file="tests/support/swarm.py",
        old="    if client.containers.list():\n",
        new="    if client.containers.list() == []:\n",
        test="docker/orchestrate/test_own_swarm.py::test_names_of_running_containers_outlive_it",
        why="databases of other tests would lose their names",
    ),
]
