"""Mutants of what runs: compose.yaml, its environment file, and the scripts behind `make run`."""

from __future__ import annotations

from mutants.mutant import Mutant

COMPOSE = "project/compose.yaml"
MAKEFILE = "project/Makefile"
ENVIRONMENT = "project/scripts/env.awk"
RUN = "project/scripts/run.sh"
SETTINGS = "project/scripts/compose.sh"
WHY = "project/scripts/why.sh"
DOCTOR = "project/scripts/doctor.sh"
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
        old='quote == "\\"" && substr(text, i + 1',
        new="0 && substr(text, i + 1",
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="a path of Windows would arrive with a tab in it",
    ),
    Mutant(
        name="two backslashes in .env escape the quote after them",
        file=ENVIRONMENT,
        old="      i++\n      continue\n",
        new="      if (substr(text, i + 1, 1) == quote) i++\n      continue\n",
        test=f"{FILE_TESTS}test_taken",
        why="a path of Windows would be refused, and the next line not looked at",
    ),
    Mutant(
        name="blanks other than space and tab pass in .env",
        file=ENVIRONMENT,
        old='    "|\\342\\201\\237|\\343\\200\\200)"\n',
        new='    ")"\n',
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="a password that was pasted with one would silently be another one",
    ),
    Mutant(
        name=".env may name another file than itself",
        file=ENVIRONMENT,
        old='name == "APP_ENV_FILE"',
        new='name == "ENV_FILE"',
        test=f"{FILE_TESTS}test_refused_in_one_line_without_the_value",
        why="that file would go to the service unchecked, a $ in it silently cut",
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
        name="make takes DEV and UNDO from the shell",
        file=MAKEFILE,
        old="DEV :=\nUNDO :=\n",
        new="",
        test=f"{COMPOSE_TESTS}test_make_takes_its_variables_from_the_command_line_only",
        why="`make add` would add to devDependencies, or `make pin` take out the pins, for a variable of another tool",
    ),
    Mutant(
        name="make takes OVERLAY from the shell",
        file="templates/deploy/kubernetes.mk",
        old="OVERLAY := production\n",
        new="OVERLAY ?= production\n",
        test=f"{COMPOSE_TESTS}test_make_takes_its_variables_from_the_command_line_only",
        why="`make undeploy` would remove something else",
    ),
    Mutant(
        name="make takes the option of logs from the shell",
        file=MAKEFILE,
        old="\t@follow=; \\\n\t  if",
        new="\t@if",
        test=f"{COMPOSE_TESTS}test_logs_are_followed_on_a_terminal_only",
        why="a variable of another tool would be an argument of docker",
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
        name="the logs are asked for a terminal where their output is a pipe",
        file="project/Makefile",
        old="\t@follow=; \\\n\t  if [ -t 1 ]; then follow=--follow; fi; \\\n\t  $(DOCKER) logs $$follow $(NAME)\n",
        new="\t@$(DOCKER) logs $$([ ! -t 1 ] || echo --follow) $(NAME)\n",
        test="docker/image/test_make_targets.py::test_logs_follows_on_a_terminal",
        why="make logs would end at once on a terminal",
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

MUTANTS = [*CONTAINER, *MAKE]
