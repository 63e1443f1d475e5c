"""Mutants of `make doctor`, which says what would stop a build before it does."""

from __future__ import annotations

from mutants.mutant import Mutant

DOCTOR = "project/scripts/doctor.sh"
TESTS = "bake/test_doctor.py::"

MUTANTS = [
    Mutant(
        name="doctor accepts relative paths",
        file=DOCTOR,
        old='    *) problem "$1 must be an absolute path: $2" ;;\n',
        new='    *) ok "$1 is $2" ;;\n',
        test=f"{TESTS}test_a_relative_path_is_refused",
        why="BuildKit would look in another folder, and say that the secret is missing",
    ),
    Mutant(
        name="doctor accepts files that are not there",
        file=DOCTOR,
        old='        problem "$1 names no file: $2"\n',
        new='        ok "$1 is $2"\n',
        test=f"{TESTS}test_file_is_missing",
        why="the build would fail minutes later, by a message about a certificate",
    ),
    Mutant(
        name="doctor accepts an old engine",
        file=DOCTOR,
        old='  [ "$oldest" != "$2" ]',
        new='  [ "$oldest" != "$1" ]',
        test=f"{TESTS}test_engine_is_too_old",
        why="the build would fail by `unknown flag`",
    ),
    Mutant(
        name="doctor compares versions as text",
        file=DOCTOR,
        old="| sort -V |",
        new="| sort |",
        test=f"{TESTS}test_engine_is_new_enough",
        why="engine 100 would be older than 25",
    ),
    Mutant(
        name="doctor calls podman an old Docker",
        file=DOCTOR,
        old="    if ask version | grep -q Podman; then",
        new="    if false; then",
        test=f"{TESTS}test_docker_is_podman",
        why="the owner would look for a newer podman, or make builds without what its cache needs",
    ),
    Mutant(
        name="doctor hangs with the engine",
        file=DOCTOR,
        old='${limit:+"$limit" 10} "$docker" "$@" 2>/dev/null',
        new='"$docker" "$@" 2>/dev/null',
        test=f"{TESTS}test_engine_does_not_answer",
        why="who asks what is wrong would wait for ever",
    ),
    Mutant(
        name="doctor does not see a busy port",
        file=DOCTOR,
        old='    problem "port $port is busy: make run PORT=$((port + 1))"\n',
        new='    ok "port $port is busy"\n',
        test=f"{TESTS}test_port_is_busy",
        why="`make run` would build for minutes before it says so",
    ),
    Mutant(
        name="doctor calls the port of `make dev` busy",
        file=DOCTOR,
        old='containers="name=^$project(_dev)?\\$"',
        new='containers="name=^$project\\$"',
        test=f"{TESTS}test_port_of_this_projects_dev_service_is_its_own",
        why="the owner would be told to make room for himself",
    ),
    Mutant(
        name="doctor does not read the environment file",
        file=DOCTOR,
        old="port=${APP_PORT:-$(setting APP_PORT {{ cookiecutter.port }})}",
        new="port=${APP_PORT:-{{ cookiecutter.port }}}",
        test=f"{TESTS}test_the_port_of_the_environment_file_is_looked_at",
        why="it would call the service's port free and the default's busy",
    ),
    Mutant(
        name="doctor takes the end of a line for the port's",
        file="project/scripts/compose.sh",
        old=r"tr -d '\r\357\273\277'",
        new=r"tr -d '\357\273\277'",
        test=f"{TESTS}test_the_port_of_the_environment_file_is_looked_at",
        why="every build would be refused for a file that an editor on Windows has saved",
    ),
    Mutant(
        name="doctor succeeds whatever it finds",
        file=DOCTOR,
        old='  status=1\n  if [ "$mode"',
        new='  status=0\n  if [ "$mode"',
        test=f"{TESTS}test_buildx_is_missing",
        why="a pipeline would go on",
    ),
]
