"""Mutants of a project's database: answers, notes, migrations, and SQLite's file."""

from __future__ import annotations

from mutants.mutant import Mutant

RULES = "answers/test_answer_rules.py::"
OWN = "bake/test_database.py::"
NOTES = f"{OWN}test_the_notes_of_every_framework[express]"
FILE = f"{OWN}test_the_file_and_the_migrations"
SERVER = "docker/data/test_own_tests.py::test_the_tests_of_a_project_with_postgres[http]"
SOURCES = "templates/javascript"
MIGRATE = f"{SOURCES}/shared/src/migrate.js"
STORE = f"{SOURCES}/shared/src/notes-store.js"
SQLITE = f"{SOURCES}/sqlite/src/database.js"

MUTANTS = [
    Mutant(
        name="one file is shared by the replicas of an orchestrator",
        file="extension/rules.py",
        old='("orchestrator", ("none",)),',
        new='("orchestrator", ("none", "swarm")),',
        test=f"{RULES}test_a_database_of_several_replicas_goes_with_every_orchestrator",
        why="two replicas would write to two files, or to one that only one of them may have",
    ),
    Mutant(
        name="the refusal does not name the other answer",
        file="extension/rules.py",
        old="together with {other}={answers[other]}: {reason}",
        new="together with {other}: {reason}",
        test=f"{RULES}test_answers_that_do_not_go_together_are_one_line_and_no_file",
        why="one would have to guess which of the answers to change",
    ),
    Mutant(
        name="a project without a database has its variables",
        file="project/.env.example",
        old="{% elif cookiecutter.database == 'postgres' %}",
        new="{% else %}",
        test=f"{OWN}test_without_a_database_nothing_of_it_is_there",
        why="who wants none would have to find out what the lines are for",
    ),
    Mutant(
        name="the list is sorted as text",
        file=STORE,
        old="ORDER BY notes.id DESC",
        new="ORDER BY id DESC",
        test=NOTES,
        why="note 9 would be newer than note 10, and pages would leave notes out",
    ),
    Mutant(
        name="the last page leads to one more",
        file=STORE,
        old="[before, limit + 1]",
        new="[before, limit]",
        test=NOTES,
        why="nobody would come further than the first page",
    ),
    Mutant(
        name="a key is for any text",
        file=STORE,
        old="if (earlier?.text === text) return earlier;",
        new="if (earlier) return earlier;",
        test=NOTES,
        why="a client that uses a key twice by mistake would lose a note and never know",
    ),
    Mutant(
        name="an id is what SQL makes of it",
        file=STORE,
        old="ID.test(id) ? await query(sql, [id]) : [];\n  if (!note)",
        new="await query(sql, [id]);\n  if (!note)",
        test=SERVER,
        why="a link that was cut off would be a 500 and a fault in the log",
    ),
    Mutant(
        name="a text may hold what Postgres cannot store",
        file=STORE,
        old=r"/^[^\0\p{Surrogate}]{1,1000}$/u",
        new=r"/^[^]{1,1000}$/u",
        test=NOTES,
        why="a NUL would be a 500, and half a character would be stored as another",
    ),
    Mutant(
        name="fastify: a text may hold what Postgres cannot store",
        file=f"{SOURCES}/fastify/src/notes.js",
        old=r"pattern: '^[^\\u0000\\p{Surrogate}]*$',",
        new="",
        test=f"{OWN}test_the_notes_of_every_framework[fastify]",
        why="a NUL would be a 500, and half a character would be stored as another",
    ),
    Mutant(
        name="http: a query belongs to the key of a note",
        file=f"{SOURCES}/http/src/notes.js",
        old="req.url.split('?', 1)[0].split('/')[2]",
        new="req.url.split('/')[2]",
        test=f"{OWN}test_the_notes_of_every_framework[http]",
        why="a client that adds a parameter would be told that its note is not there",
    ),
    Mutant(
        name="http: a path below a note is the note",
        file=f"{SOURCES}/http/src/app.js",
        old="path.replace(/[^/]+$/, ':id')",
        new="path.replace(/[^/]+(\\/.*)?$/, ':id')",
        test=f"{OWN}test_the_notes_of_every_framework[http]",
        why="every path would have a route",
    ),
    Mutant(
        name="express: notes take any method",
        file=f"{SOURCES}/express/src/notes.js",
        old="    .all(only('DELETE, GET, HEAD, OPTIONS'));",
        new="    ;",
        test=NOTES,
        why="a wrong method would be a 404, as if there were no such note",
    ),
    Mutant(
        name="an edited migration passes",
        file=MIGRATE,
        old="if (found.checksum !== checksum)",
        new="if (false)",
        test=FILE,
        why="databases would differ, and nobody would know which has what",
    ),
    Mutant(
        name="the line ends of a checkout are an edit",
        file=MIGRATE,
        old=r".replaceAll('\r\n', '\n')",
        new="",
        test=FILE,
        why="a release from Windows would be refused",
    ),
    Mutant(
        name="a missing migration passes",
        file=MIGRATE,
        old="if (!found)",
        new="if (!found) continue;\n    if (false)",
        test=FILE,
        why="an old version could be rolled out over a newer schema, and nobody would be told",
    ),
    Mutant(
        name="migrations are applied in any order",
        file=MIGRATE,
        old="  if (late) throw",
        new="  if (false) throw",
        test=FILE,
        why="two branches would be applied in one order here and in another there",
    ),
    Mutant(
        name="migrations are not sorted",
        file=MIGRATE,
        old="names.sort().map(",
        new="names.sort().reverse().map(",
        test=FILE,
        why="a table would be changed before it is there",
    ),
    Mutant(
        name="a second process applies a migration once more",
        file=MIGRATE,
        old="if (!done) {",
        new="if (true) {",
        test=FILE,
        why="two replicas that migrate at a time would both fail, or change a row twice",
    ),
    Mutant(
        name="half of a migration stays",
        file=MIGRATE,
        old="if (!isWithoutTransaction) await begin();",
        new="if (!isWithoutTransaction) await 0;",
        test=FILE,
        why="the next try would fail at what is there, and a person would have to repair it",
    ),
    Mutant(
        name="SQLite: a migration leaves rows that refer to nothing",
        file=SQLITE,
        old="if (broken) throw",
        new="if (false) throw",
        test=FILE,
        why="the foreign keys of the database would not hold",
    ),
    Mutant(
        name="SQLite: a table that is rebuilt takes the rows that refer to it along",
        file=SQLITE,
        old="timeout: MIGRATION_BUSY_MS, enableForeignKeyConstraints: false",
        new="timeout: MIGRATION_BUSY_MS",
        test=FILE,
        why="DROP TABLE deletes its rows first, and ON DELETE CASCADE those of others",
    ),
    Mutant(
        name="SQLite: a reader waits for the writer",
        file=SQLITE,
        old="PRAGMA journal_mode = WAL",
        new="PRAGMA journal_mode = DELETE",
        test=FILE,
        why="a backup or a migration would hold up every request",
    ),
    Mutant(
        name="SQLite: a busy file is a fault of the statement",
        file=SQLITE,
        old="UNAVAILABLE = [5, 10, 13, 14]",
        new="UNAVAILABLE = [10, 13, 14]",
        test=FILE,
        why="a request during a migration would be a 500 that nobody can explain",
    ),
    Mutant(
        name="SQLite: a full disk is a fault of the statement",
        file=SQLITE,
        old="UNAVAILABLE = [5, 10, 13, 14]",
        new="UNAVAILABLE = [5, 10, 14]",
        test=FILE,
        why="clients would not know that a later try may succeed",
    ),
    Mutant(
        name="SQLite: half of a transaction stays",
        file=SQLITE,
        old="if (database.isTransaction) database.exec('ROLLBACK');",
        new="if (database.isTransaction) database.exec('COMMIT');",
        test=FILE,
        why="money would leave one account and reach no other",
    ),
]
