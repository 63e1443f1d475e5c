"""Mutants of what runs: compose.yaml, the scripts behind `make run`, and the figures that deployments repeat."""

from __future__ import annotations

from mutants.mutant import Mutant

COMPOSE = "project/compose.yaml"
MAKEFILE = "project/Makefile"
ENVIRONMENT = "project/scripts/env.awk"
RUN = "project/scripts/run.sh"
SETTINGS = "project/scripts/compose.sh"
WHY = "project/scripts/why.sh"
DOCTOR = "project/scripts/doctor.sh"
DEPLOYMENT = "project/deploy/kubernetes/base/deployment.yaml"
NETWORK = "project/deploy/kubernetes/base/network.yaml"
STACK = "project/deploy/stack.yaml"
HAPROXY = "project/deploy/haproxy.cfg"
FILE_TESTS = "bake/test_environment_file.py::"
COMPOSE_TESTS = "bake/test_compose.py::"
LAST_END = "bake/test_why.py::test_the_last_end_of_a_container_that_runs_again"
RUN_TESTS = "docker/image/test_run.py::"

CONTAINER = [
    Mutant(
        name="a host in .env is taken, and nobody connects to it",
        file=ENVIRONMENT,
        old="DATABASE_(URL|HOST|PORT|USER|NAME)(_FILE)?",
        new="DATABASE_URL",
        test="bake/test_environment_file.py::test_what_compose_sets_is_refused",
        why="the service would write into the database beside it, without a word",
    ),
    Mutant(
        name="a dollar in .env passes",
        file=ENVIRONMENT,
        old='  if (value ~ /\\$/) refuse("Compose would replace the $: " single_quotes)\n',
        new="",
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="a password with a dollar would silently be another one",
    ),
    Mutant(
        name="an IPv6 address without brackets",
        file="project/scripts/run.sh",
        old="    *:*) url=http://[$host]:$port ;;\n",
        new="",
        test="docker/image/test_run.py::test_it_is_published_and_listens_on_an_ipv6_address",
        why="the URL that `make run` prints would open nothing",
    ),
    Mutant(
        name="an escape in .env passes",
        file=ENVIRONMENT,
        old='character == "\\\\" && quote == "\\""',
        new="0",
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="a path of Windows would arrive with a tab in it",
    ),
    Mutant(
        name="a heap in NODE_OPTIONS passes",
        file=ENVIRONMENT,
        old='name == "NODE_OPTIONS" &&',
        new='name == "NODE_OPTION" &&',
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="more heap would be asked for and never given, without a word",
    ),
    Mutant(
        name="a quote in .env is never closed",
        file=ENVIRONMENT,
        old='END { if (!refused && quote != "") refuse("the quote is never closed") }\n',
        new="",
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="Compose's own words name neither variable nor remedy",
    ),
    Mutant(
        name="the shell's NAME renames the container",
        file=COMPOSE,
        old="    container_name: {{ cookiecutter.project_slug }}\n",
        new="    container_name: ${NAME:-{{ cookiecutter.project_slug }}}\n",
        test=f"{COMPOSE_TESTS}test_only_app_variables_are_read",
        why="WSL exports NAME: every project there would be one container",
    ),
    Mutant(
        name="make takes IMAGE from the shell",
        file=MAKEFILE,
        old="IMAGE := $(NAME)\n",
        new="IMAGE ?= $(NAME)\n",
        test=f"{COMPOSE_TESTS}test_make_takes_its_variables_from_the_command_line_only",
        why="a variable of another tool would overwrite another image",
    ),
    Mutant(
        name="dev has the name of another project",
        file=COMPOSE,
        old="    container_name: {{ cookiecutter.project_slug }}_dev\n",
        new="    container_name: {{ cookiecutter.project_slug }}-dev\n",
        test=f"{COMPOSE_TESTS}test_containers_have_the_names_of_no_other_project",
        why="the project shop-dev could not run beside shop",
    ),
    Mutant(
        name="a tmpfs as large as the memory",
        file=COMPOSE,
        old="size=${APP_TMP:-256m}",
        new="size=${APP_TMP:-1g}",
        test=f"{COMPOSE_TESTS}test_tmp_leaves_room_for_the_heap",
        why="a large upload would be the kernel's silent kill",
    ),
    Mutant(
        name="no init",
        file=COMPOSE,
        old="    init: true\n    read_only: true\n",
        new="    read_only: true\n",
        test=f"{COMPOSE_TESTS}test_orphans_are_reaped",
        why="zombies fill the limit of processes; a stop while starting takes ten seconds",
    ),
    Mutant(
        name="the log grows for ever",
        file=COMPOSE,
        old="        max-size: ${APP_LOG_SIZE:-10m}\n",
        new="",
        test=f"{COMPOSE_TESTS}test_logs_are_bounded",
        why="after weeks the disk of the engine is full",
    ),
]

DEPLOYED = [
    Mutant(
        name="kubernetes: another memory limit",
        file=DEPLOYMENT,
        old="              memory: 1Gi\n",
        new="              memory: 256Mi\n",
        test="bake/test_kubernetes.py::test_the_same_limits_as_compose",
        why="what runs with `make run` would be killed in the cluster",
    ),
    Mutant(
        name="kubernetes: /tmp on the node's disk",
        file=DEPLOYMENT,
        old="            medium: Memory\n",
        new="",
        test="bake/test_kubernetes.py::test_the_same_limits_as_compose",
        why="a full /tmp would be an eviction, not an error in the log",
    ),
    Mutant(
        name="kubernetes: no init",
        file=DEPLOYMENT,
        old="      shareProcessNamespace: true\n",
        new="",
        test="bake/test_kubernetes.py::test_orphans_are_reaped",
        why="zombies fill the pod's limit of processes",
    ),
    Mutant(
        name="kubernetes: DNS egress anywhere",
        file=NETWORK,
        old="            cidr: 169.254.20.10/32\n",
        new="            cidr: 0.0.0.0/0\n",
        test="bake/test_kubernetes.py::test_names_are_looked_up_in_the_cluster_or_on_the_node",
        why="a tunnel over DNS would leave the cluster",
    ),
    Mutant(
        name="swarm: another limit of processes",
        file=STACK,
        old="          pids: 512\n",
        new="          pids: 64\n",
        test="bake/test_swarm.py::test_the_same_limits_as_compose",
        why="a thread pool of 64 would abort without a message",
    ),
    Mutant(
        name="swarm: tmpfs without a size",
        file=STACK,
        old="        tmpfs:\n          size: 268435456\n",
        new="",
        test="bake/test_swarm.py::test_the_same_limits_as_compose",
        why="a large upload would be the kernel's silent kill",
    ),
    Mutant(
        name="swarm: no init",
        file=STACK,
        old="    init: true\n",
        new="",
        test="bake/test_swarm.py::test_the_same_hardening_as_compose",
        why="zombies fill the limit of processes",
    ),
    Mutant(
        name="swarm: slow responses are repeated",
        file=HAPROXY,
        old="    retry-on conn-failure empty-response\n",
        new="    retry-on conn-failure empty-response response-timeout\n",
        test="bake/test_swarm.py::test_only_safe_requests_are_repeated_and_never_slow_ones",
        why="a slow query would run four times",
    ),
    Mutant(
        name="kubernetes: the README's data belongs to root",
        file="templates/deploy/kubernetes.md",
        old="        fsGroup: {{ 65532 if cookiecutter.runtime_image == 'distroless' else 1000 }}\n",
        new="        fsGroup: 0\n",
        test="bake/test_kubernetes.py::test_the_readmes_lines_for_files_fit",
        why="the service could not write its data",
    ),
    Mutant(
        name="swarm: a refused connection is an error",
        file=HAPROXY,
        old="    retry-on conn-failure empty-response\n",
        new="    retry-on empty-response\n",
        test="docker/orchestrate/test_balancer.py::test_what_was_never_sent_goes_to_another_replica",
        why="each crash of a replica would cost requests that another one could have answered",
    ),
    Mutant(
        name="swarm: a silent websocket is cut",
        file=HAPROXY,
        old="    timeout tunnel 1h\n",
        new="",
        test="docker/orchestrate/test_balancer.py::test_a_silent_websocket_is_not_cut",
        why="a chat would fall silent after minutes",
    ),
    Mutant(
        name="swarm: PUT is repeated",
        file=HAPROXY,
        old="unless { method GET HEAD OPTIONS }",
        new="unless { method GET HEAD OPTIONS PUT }",
        test="bake/test_swarm.py::test_only_safe_requests_are_repeated_and_never_slow_ones",
        why="work would be done twice",
    ),
    Mutant(
        name="swarm: a client names its own address",
        file=HAPROXY,
        old="    http-request set-header x-forwarded-for %[src]\n",
        new="    option forwardfor\n",
        test="bake/test_swarm.py::test_clients_say_nothing_about_themselves",
        why="limits and logs by address would believe anybody",
    ),
]

MAKE = [
    Mutant(
        name="run does not ask the port",
        file=RUN,
        old="wait_for_health\nwait_for_port\n",
        new='wait_for_health\npublished=$(compose port app "$target_port")\n',
        test=f"{RUN_TESTS}test_a_service_on_loopback_is_not_ready",
        why="`ready` would be said of a service that nobody reaches",
    ),
    Mutant(
        name="run starts app alone",
        file=RUN,
        old="start run\n",
        new="start run app\n",
        test=f"{RUN_TESTS}test_a_second_service_is_started_and_its_busy_port_named",
        why="a worker or a database would be missing",
    ),
    Mutant(
        name="a second checkout takes over",
        file=DOCTOR,
        old='if [ ! "$folder" -ef . ]; then',
        new='if [ -z "$folder" ]; then',
        test=f"{RUN_TESTS}test_a_second_checkout_is_refused",
        why="`make stop` in one worktree would stop the other's service",
    ),
    Mutant(
        name="stop reads .env",
        file=MAKEFILE,
        old="compose --project-directory / --project-name $(NAME) down\n",
        new="compose --project-name $(NAME) down\n",
        test=f"{RUN_TESTS}test_a_bad_environment_file_stops_run_but_not_stop",
        why="a typing error in .env would keep a service running",
    ),
    Mutant(
        name="the end of a service that nothing restarts is not explained",
        file=WHY,
        old='    "$project "*) ;;\n',
        new="",
        test="bake/test_why.py::test_what_runs_once_and_succeeds_has_no_explanation",
        why="make run would fail without a reason",
    ),
    Mutant(
        name="a migration that succeeded has ended",
        file=WHY,
        old="exited 0 no",
        new="exited 9 no",
        test="bake/test_why.py::test_what_runs_once_and_succeeds_has_no_explanation",
        why="make logs would end with a reason that is none",
    ),
    Mutant(
        name="why forgets the memory",
        file=WHY,
        old='    *" true")\n',
        new='    *" never")\n',
        test=f"{RUN_TESTS}test_logs_say_what_memory_ran_out",
        why="exit code 137 alone does not say what to raise",
    ),
    Mutant(
        name="an end is looked up by the container's name",
        file=WHY,
        old='--filter "container=$id"',
        new='--filter "container=$1"',
        test=LAST_END,
        why="the exit code could be that of an earlier container",
    ),
    Mutant(
        name="an end within this second is not seen",
        file=WHY,
        old='"$(($(date +%s) + 1))"',
        new='"$(date +%s)"',
        test=LAST_END,
        why="a service that crashes at once would have ended for an unknown reason",
    ),
]

MUTANTS = [*CONTAINER, *DEPLOYED, *MAKE]
