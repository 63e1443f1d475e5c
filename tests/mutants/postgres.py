"""Mutants of the connections to Postgres: the start, time limits, what breaks, the lock of migrations."""

from __future__ import annotations

from mutants.mutant import Mutant

OWN = "bake/test_database.py::"
SERVER = "docker/data/test_own_tests.py::test_the_tests_of_a_project_with_postgres[http]"
FAULTS = "docker/data/test_postgres_faults.py::"
OPENED = f"{FAULTS}test_connections_are_open_before_a_request_needs_one_and_do_not_go_stale[http-javascript]"
MANAGED_TESTS = "docker/data/test_managed.py::"
MANAGED = f"{MANAGED_TESTS}test_a_managed_database_has_tls_and_another_authority_is_refused[express-javascript]"
POSTGRES = "templates/javascript/postgres/src/database.js"

MUTANTS = [
    Mutant(
        name="Postgres: a start waits for ever",
        file=POSTGRES,
        old="if (performance.now() > deadline)",
        new="if (false)",
        test=f"{OWN}test_a_start_without_the_server_waits_and_gives_up_in_two_lines",
        why="a wrong address would look like a slow start",
    ),
    Mutant(
        name="Postgres: a start that waits says nothing",
        file=POSTGRES,
        old="if (isFirst) say(",
        new="if (false) say(",
        test=f"{OWN}test_a_start_without_the_server_waits_and_gives_up_in_two_lines",
        why="one would look for the fault anywhere but in the database",
    ),
    Mutant(
        name="Postgres: a bad URL is shown with its password",
        file=POSTGRES,
        old="must be ${form}, special",
        new="must be ${form}, not ${url}, special",
        test=f"{OWN}test_a_bad_url_is_not_shown",
        why="the password would be in the log",
    ),
    Mutant(
        name="Postgres: a wrong login is tried until the time is over",
        file=POSTGRES,
        old="REFUSED = /^(28|3D|",
        new="REFUSED = /^(XX|",
        test=SERVER,
        why="a wrong password would be noticed half a minute later, and lock accounts",
    ),
    Mutant(
        name="Postgres: the password of its own is ignored",
        file=POSTGRES,
        old="if (config.databasePassword) url.password",
        new="if (false) url.password",
        test=SERVER,
        why="a secret that is mounted as a file would do nothing",
    ),
    Mutant(
        name="Postgres: a statement that was cut is a fault of ours",
        file=POSTGRES,
        old="UNAVAILABLE = /^(08|25P0[34]|53|57|58)/",
        new="UNAVAILABLE = /^(08|25P0[34]|53|58)/",
        test=SERVER,
        why="an overloaded database would fill the log with faults that are none",
    ),
    Mutant(
        name="Postgres: a connection that breaks in use ends the process",
        file=POSTGRES,
        old="  client.on('error', onError);\n",
        new="",
        test=SERVER,
        why="a restart of the database would end every replica",
    ),
    Mutant(
        name="Postgres: an idle connection that breaks ends the process",
        file=POSTGRES,
        old="pool.on('error', (err) => logger.warn({ err }, 'database connection lost'));",
        new="",
        test=SERVER,
        why="a restart of the database would end every replica",
    ),
    Mutant(
        name="Postgres: a silent server is waited for",
        file=POSTGRES,
        old="query_timeout: limit + 500,",
        new="query_timeout: 0,",
        test=SERVER,
        why="requests would hang until their clients give up",
    ),
    Mutant(
        name="Postgres: a broken connection goes back to the pool",
        file=POSTGRES,
        old="client.release(broken);",
        new="client.release();",
        test=SERVER,
        why="the next request would get it, and hang as long",
    ),
    Mutant(
        name="Postgres: slow statements are not cut",
        file=POSTGRES,
        old="    statement_timeout: limit,\n",
        new="",
        test=SERVER,
        why="the server would go on working for clients that have left",
    ),
    Mutant(
        name="Postgres: a forgotten transaction keeps its locks",
        file=POSTGRES,
        old="    idle_in_transaction_session_timeout: limit,\n",
        new="",
        test=SERVER,
        why="one lost await would stop every writer",
    ),
    Mutant(
        name="Postgres: who waits for a connection waits for ever",
        file=POSTGRES,
        old="connectionTimeoutMillis: CONNECT_MS,",
        new="connectionTimeoutMillis: 0,",
        test=SERVER,
        why="under load requests would queue up until memory is full",
    ),
    Mutant(
        name="Postgres: a login may take as long as it wants to",
        file=POSTGRES,
        old="CONNECT_MS = 2000",
        new="CONNECT_MS = 4000",
        test=SERVER,
        why="each request would wait as long for a server that hangs",
    ),
    Mutant(
        name="Postgres: a transaction that was rolled back counts as done",
        file=POSTGRES,
        old="if (command !== 'COMMIT')",
        new="if (command === '')",
        test=SERVER,
        why="a handler that goes on after a failed statement would answer 201 for what is not stored",
    ),
    Mutant(
        name="Postgres: no connection is open before a request needs it",
        file=POSTGRES,
        old="setImmediate(() => Promise.allSettled(",
        new="if (log === null) (() => Promise.allSettled(",
        test=SERVER,
        why="a new replica's first requests would wait for ten logins at once, and some in vain",
    ),
    Mutant(
        name="Postgres: open connections close when nobody asks",
        file=POSTGRES,
        old="    min: OPEN,\n",
        new="",
        test=OPENED,
        why="after ten quiet seconds the first requests would wait for logins again",
    ),
    Mutant(
        name="Postgres: a firewall forgets an idle connection",
        file=POSTGRES,
        old="    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,\n",
        new="",
        test=OPENED,
        why="the first request after a quiet night would hang for five seconds, once for each connection",
    ),
    Mutant(
        name="Postgres: an authority that is not trusted is waited for",
        file=POSTGRES,
        old="|UNABLE_TO_)|CERT/",
        new=")/",
        test=MANAGED,
        why="a wrong CA would be noticed half a minute later, as a server that does not answer",
    ),
    Mutant(
        name="Postgres: any certificate will do",
        file=POSTGRES,
        old="? { ca: config.databaseCa } :",
        new="? { ca: config.databaseCa, rejectUnauthorized: false } :",
        test=MANAGED,
        why="whoever is between service and database would read the password and the data",
    ),
    Mutant(
        name="Postgres: a transaction that fails is carried out",
        file=POSTGRES,
        old="{ ...PING, text: 'ROLLBACK' }",
        new="{ ...PING, text: 'COMMIT' }",
        test=SERVER,
        why="money would leave one account and reach no other",
    ),
    Mutant(
        name="Postgres: two migrations run at a time",
        file=POSTGRES,
        old="if (rows[0].locked) return client;",
        new="if (client) return client;",
        test=SERVER,
        why="both would create the table, and one would fail",
    ),
]
