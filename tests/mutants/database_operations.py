"""Mutants of what runs a project's database: compose.yaml, make targets, deployment, its image and backups."""

from __future__ import annotations

from mutants.mutant import Mutant

COMPOSE = "project/compose.yaml"
COMPOSE_TESTS = "bake/test_compose.py::"
HARDENED = f"{COMPOSE_TESTS}test_the_database_is_hardened_bounded_and_the_projects_own"
BEFORE = f"{COMPOSE_TESTS}test_the_schema_is_up_to_date_before_the_service_starts"
DEPLOY_TESTS = "bake/test_deploy_targets.py::"
BOT_TESTS = "bake/test_update_bots.py::"
TARGETS = "docker/data/test_targets.py::"
FILE_TESTS = "docker/data/test_sqlite_faults.py::"
ROLL_OUT = "project/scripts/roll-out.sh"
PROGRAM = "project/scripts/sqlite.mjs"
SCRIPT = "project/scripts/sqlite.sh"
COPIES = "bake/test_database_copies.py::"
MOVES = "docker/data/test_moves.py::"

MUTANTS = [
    Mutant(
        name="a migration meets the server that fills a new volume",
        file=COMPOSE,
        old="--host=127.0.0.1, ",
        new="",
        test=f"{COMPOSE_TESTS}test_the_health_check_does_not_see_the_server_that_fills_a_new_volume",
        why="the first `make run` of all would fail now and then",
    ),
    Mutant(
        name="the database runs as root",
        file=COMPOSE,
        old="    user: postgres\n",
        new="",
        test=HARDENED,
        why="who breaks into the server would be root in its container",
    ),
    Mutant(
        name="development writes to the other database",
        file=COMPOSE,
        old='["dev-database:/var/lib/postgresql"]',
        new='["database:/var/lib/postgresql"]',
        test=HARDENED,
        why="two servers would write to one folder, and tear it apart",
    ),
    Mutant(
        name="the shell's DATABASE_URL is obeyed",
        file=COMPOSE,
        old="${APP_DATABASE_URL:-",
        new="${DATABASE_URL:-",
        test=f"{COMPOSE_TESTS}test_a_database_url_of_the_shell_is_not_obeyed",
        why="`make run` would migrate another project's database",
    ),
    Mutant(
        name="the service does not wait for its schema",
        file=COMPOSE,
        old="        condition: service_completed_successfully\n",
        new="        condition: service_started\n",
        test=BEFORE,
        why="the first requests would ask for tables that are not there",
    ),
    Mutant(
        name="a migration that failed is tried again and again",
        file=COMPOSE,
        old='    restart: "no"\n',
        new="    restart: on-failure:5\n",
        test=BEFORE,
        why="one that opted out of its transaction would be applied in parts, five times",
    ),
    Mutant(
        name="GitLab tests against another major",
        file="project/.gitlab-ci.yml",
        old="postgres:{{ cookiecutter.__postgres_version }}",
        new="postgres:17",
        test=f"{COMPOSE_TESTS}test_the_major_of_postgres_is_one_everywhere",
        why="the pipeline would be green for SQL that fails at its owner's",
    ),
    Mutant(
        name="kubernetes: rolled out after a migration that failed",
        file=ROLL_OUT,
        old='if [ "$ended" != Complete ]; then',
        new="if false; then",
        test=f"{DEPLOY_TESTS}test_kubernetes_rolls_nothing_out_after_a_migration_that_failed",
        why="the new version would ask for columns that are not there",
    ),
    Mutant(
        name="kubernetes: rolled out before the migration",
        file=ROLL_OUT,
        old="apply --selector app.kubernetes.io/component!=server\n",
        new="apply\n",
        test=f"{DEPLOY_TESTS}test_kubernetes_migrates_before_it_rolls_out",
        why="new replicas would serve without the schema that they need",
    ),
    Mutant(
        name="kubernetes: a missing secret is not said",
        file="templates/deploy/kubernetes.mk",
        old="deploy: cluster{{ ' secret' if cookiecutter.database == 'postgres' }} ##",
        new="deploy: cluster ##",
        test=f"{DEPLOY_TESTS}test_kubernetes_without_the_secret_is_one_line",
        why="the Job would wait ten minutes for a volume that never comes",
    ),
    Mutant(
        name="dependabot offers another major of the database",
        file="project/.github/dependabot.yml",
        old="      - dependency-name: postgres\n",
        new="      - dependency-name: other\n",
        test=f"{BOT_TESTS}test_what_dependabot_offers",
        why="once merged, the server would not start on its own data",
    ),
    Mutant(
        name="renovate offers another major of the database",
        file="project/renovate.json",
        old='"@types/node", "postgres"]',
        new='"@types/node"]',
        test=f"{BOT_TESTS}test_what_renovate_offers",
        why="once merged, the server would not start on its own data",
    ),
    Mutant(
        name="a mirror is asked for the database in every build",
        file="project/Makefile",
        old="{{ ' postgres%' if cookiecutter.database == 'postgres' }}",
        new="",
        test="bake/test_make_build.py::test_a_mirror_serves_the_database_when_that_is_built",
        why="a build would fail where the mirror has no Postgres, though it needs none",
    ),
    Mutant(
        name="the version that serves is replaced before the migration",
        file="project/scripts/run.sh",
        old="sh scripts/migrate.sh >/dev/null || exit 1\n",
        new="",
        test=f"{TARGETS}test_a_migration_that_fails_changes_nothing_and_the_version_before_serves_on[sqlite]",
        why="one mistake in a migration would take the service down",
    ),
    Mutant(
        name="make test leaves its migration behind",
        file="project/scripts/test.sh",
        old="{{ '--all ' if cookiecutter.database != 'none' }}",
        new="",
        test="docker/data/test_own_tests.py::test_the_tests_of_a_project_with_postgres[http]",
        why="each run would leave a container, a volume and a network",
    ),
    Mutant(
        name="a backup lacks what is still in the log",
        file=PROGRAM,
        old="  database.exec(`VACUUM INTO '${copy.replaceAll(\"'\", \"''\")}'`);\n",
        new="  process.getBuiltinModule('node:fs').copyFileSync(file, copy);\n",
        test=f"{FILE_TESTS}test_a_copy_while_it_serves_is_whole",
        why="the last writes would be missing from the copy, or half of one would be in it",
    ),
    Mutant(
        name="two backups share a file on the volume",
        file=SCRIPT,
        old='made=$(ask backup "$name" </dev/null)',
        new="made=$(ask backup </dev/null)",
        test=f"{COPIES}test_two_backups_at_once_are_both_whole",
        why="one of them would be half of the data, and said to be done",
    ),
    Mutant(
        name="a backup has its final name from its first byte",
        file=SCRIPT,
        old='"$project:$made" "$part"\n',
        new='"$project:$made" "backup/cut.db"\n',
        test=f"{COPIES}test_a_backup_that_is_ended_leaves_nothing[SIGINT]",
        why="what Ctrl-C has cut would be taken for a copy on the day that it is needed",
    ),
    Mutant(
        name="a backup that is ended leaves its copy on the volume",
        file=SCRIPT,
        old="  trap 'exit 130' INT TERM HUP\n",
        new="",
        test=f"{COPIES}test_a_backup_that_is_ended_leaves_nothing[SIGTERM]",
        why="the volume would fill up with copies that nobody sees",
    ),
    Mutant(
        name="what a killed backup has left stays",
        file=PROGRAM,
        old="if (mtimeMs < Date.now() - DAY_MS) remove(left);",
        new="",
        test=f"{COPIES}test_a_backup_removes_what_one_has_left_that_was_killed_a_day_ago",
        why="the volume would fill up with copies that nobody sees",
    ),
    Mutant(
        name="a copy is not looked at",
        file=PROGRAM,
        old="if (found !== 'ok') throw",
        new="if (found === '') throw",
        test=f"{COPIES}test_a_bad_copy_is_not_restored[damaged]",
        why="a damaged copy would replace data that is whole",
    ),
    Mutant(
        name="no bytes at all are restored",
        file=PROGRAM,
        old="if (!table) throw",
        new="if (false) throw",
        test=f"{COPIES}test_a_bad_copy_is_not_restored[empty]",
        why="a copy whose transfer has failed would replace all data by nothing",
    ),
    Mutant(
        name="a log is applied to what was restored",
        file=PROGRAM,
        old="  removeLogs(file);\n",
        new="",
        test=f"{COPIES}test_a_restore_replaces_the_data_and_its_log",
        why="pages of the old data would be in the restored one, and tear it apart",
    ),
    Mutant(
        name="a database in use is replaced",
        file=SCRIPT,
        old='"$docker" ps --quiet --filter "volume=$volume"',
        new="true",
        test=f"{COPIES}test_a_restore_replaces_the_data_and_its_log",
        why="the service would go on writing to a file that is no longer there",
    ),
    Mutant(
        name="a cut dump replaces the data",
        file="templates/database/postgres.md",
        old="sh -ec '",
        new="sh -c '",
        test=f"{MOVES}test_half_of_a_dump_replaces_nothing[express-javascript]",
        why="one would have neither the data before nor what the dump held",
    ),
    Mutant(
        name="data of an older major is gone before its dump is restored",
        file="project/scripts/old-data.sh",
        old="-exec mv --target-directory old-$1 {} +",
        new="-exec rm -r {} +",
        test=f"{MOVES}test_half_of_a_dump_of_an_older_major_leaves_its_data_there",
        why="an upgrade whose dump was cut would lose the data",
    ),
    Mutant(
        name="a look into the database can change it",
        file=PROGRAM,
        old="{ readOnly: true });\n  start(",
        new="{});\n  start(",
        test=f"{FILE_TESTS}test_make_db_reads_and_cannot_write",
        why="a slip in the shell would delete rows of a service in use",
    ),
    Mutant(
        name="data of another major is not named",
        file="project/scripts/compose.sh",
        old="    sh scripts/old-data.sh >&2\n",
        new="",
        test="docker/data/test_moves.py::test_data_of_an_older_major_is_named_and_moved_by_the_lines_that_are_shown",
        why="one would read three times that the server does not start, and nowhere what to do",
    ),
]
