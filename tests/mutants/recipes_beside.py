"""Mutants of recipes with something beside the service: a worker, a database, a balancer."""

from __future__ import annotations

from mutants.mutant import Mutant

QUEUE = "docs/recipes/job-queue.md"
QUEUE_TESTS = "docker/recipes/test_job_queue.py::"
JOBS = "docs/recipes/jobs.md"
JOBS_TESTS = "docker/recipes/test_jobs.py::"
MYSQL = "docs/recipes/mysql.md"
MYSQL_TESTS = "docker/recipes/test_mysql.py::"
RATE = "docs/recipes/rate-limit.md"
RATE_TESTS = "docker/recipes/test_rate_limit.py::"
MANIFESTS = "bake/test_recipe_manifests.py::"
FAST = "bake/test_recipes.py::"

MUTANTS = [
    Mutant(
        name="a page does not say what it builds on",
        file=QUEUE,
        old="Builds on [redis.md](redis.md)",
        new="It wants [redis.md](redis.md)",
        test=f"{FAST}test_it_applies[job-queue-http-typescript]",
        why="git apply would fail for whoever follows the page",
    ),
    Mutant(
        name="a job is added as soon as Redis has been there once",
        file=QUEUE,
        old="skipVersionCheck: true, skipWaitingForReady: true",
        new="skipVersionCheck: true",
        test=f"{QUEUE_TESTS}test_while_redis_is_away_jobs_are_refused_at_once_and_none_is_kept_back[http-typescript]",
        why="after a start without Redis requests would hang until it is there",
    ),
    Mutant(
        name="the keys of the queue are taken for jobs",
        file=QUEUE,
        old="/^[\\da-f-]{36}$/.test(id) && (await queue.getJob(id))",
        new="await queue.getJob(id)",
        test=f"{QUEUE_TESTS}test_what_is_no_job_is_404[http-typescript-id]",
        why="clients could make errors of ours, and read what is not theirs",
    ),
    Mutant(
        name="failed jobs are kept for ever",
        file=QUEUE,
        old=", removeOnFail: week",
        new="",
        test=f"{QUEUE_TESTS}test_how_often_it_is_tried_and_how_long_it_is_kept[http-typescript]",
        why="Redis would fill with them",
    ),
    Mutant(
        name="done jobs are kept for an hour, however many they are",
        file=QUEUE,
        old="const hour = { age: 3600, count: 1000 };",
        new="const hour = { age: 3600 };",
        test=f"{JOBS_TESTS}test_done_jobs_do_not_fill_redis[express-typescript]",
        why="Redis would fill with them in a busy hour",
    ),
    Mutant(
        name="a job is tried once",
        file=QUEUE,
        old="{ attempts: 5, backoff",
        new="{ attempts: 1, backoff",
        test=f"{JOBS_TESTS}test_a_job_that_fails_is_tried_five_times[express-typescript]",
        why="what another service's short failure broke would stay undone",
    ),
    Mutant(
        name="a stop waits for jobs that cannot end in time",
        file=JOBS,
        old="setTimeout(() => worker.cancelAllJobs(), config.shutdownTimeoutMs - 2000);",
        new="setTimeout(() => worker.cancelAllJobs(), config.shutdownTimeoutMs + 2000);",
        test=f"{JOBS_TESTS}test_what_a_stop_cuts_off_is_done_again[express-typescript]",
        why="roll-outs would end with an error, and the job would wait until it counts as left",
    ),
    Mutant(
        name="a stop waits for no job",
        file=JOBS,
        old="return worker.close();",
        new="return worker.close(true);",
        test=f"{JOBS_TESTS}test_at_a_stop_it_finishes_what_it_has_begun[express-typescript]",
        why="every roll-out would do half a job twice",
    ),
    Mutant(
        name="a job that ends its worker is done for ever",
        file=JOBS,
        old="maxStalledCount: 3",
        new="maxStalledCount: 300",
        test=f"{JOBS_TESTS}test_a_job_that_ends_workers_fails_in_the_end_and_the_others_are_done[express-typescript]",
        why="one bad job would keep all workers from the others",
    ),
    Mutant(
        name="the worker is healthy without Redis",
        file=JOBS,
        old="+  parts: [redis],\n",
        new="+  parts: [{ ...redis, isReady: () => true }],\n",
        test=f"{JOBS_TESTS}test_without_redis_the_worker_is_unhealthy_until_it_is_back[express-typescript]",
        why="nobody would notice that nothing is done",
    ),
    Mutant(
        name="the worker's pods are those of the service",
        file=JOBS,
        old="    metadata:\n      labels:\n        app.kubernetes.io/name: node-multi-stage-app-worker\n",
        new="    metadata:\n      labels:\n        app.kubernetes.io/name: node-multi-stage-app\n",
        test=f"{MANIFESTS}test_the_worker_gets_no_requests_of_the_service",
        why="a part of all requests would be answered 404",
    ),
    Mutant(
        name="a statement to MySQL has no time limit",
        file=MYSQL,
        old="stream.setTimeout(2000, ",
        new="stream.setTimeout(200000, ",
        test=f"{MYSQL_TESTS}test_a_slow_statement_is_given_up_and_the_pool_recovers[express-typescript]",
        why="ten slow statements would hold every request up",
    ),
    Mutant(
        name="a connection to MySQL has the client's own time limit",
        file=MYSQL,
        old="queueLimit: 20, connectTimeout: 1000",
        new="queueLimit: 20",
        test=f"{MYSQL_TESTS}test_a_database_that_hangs_delays_nothing_for_long[express-typescript]",
        why="requests would pile up behind a database that hangs",
    ),
    Mutant(
        name="the line for a connection to MySQL has no end",
        file=MYSQL,
        old=", queueLimit: 20",
        new="",
        test=f"{MYSQL_TESTS}test_few_wait_and_more_than_that_are_refused_at_once[express-typescript]",
        why="a database that is too slow would fill the service's memory",
    ),
    Mutant(
        name="readiness does not ask MySQL",
        file=MYSQL,
        old="+  (await createConnection({ uri: config.mysqlUrl, connectTimeout: 1000 })).end();",
        new="+  config.mysqlUrl !== '' && createConnection !== undefined;",
        test=f"{MYSQL_TESTS}test_while_it_is_away_requests_fail_at_once_and_it_comes_back[express-typescript]",
        why="a balancer would send requests to a replica that cannot answer them",
    ),
    Mutant(
        name="the probe of MySQL waits with the requests",
        file=MYSQL,
        old="+  (await createConnection({ uri: config.mysqlUrl, connectTimeout: 1000 })).end();",
        new="+  createConnection && mysql.query(config.mysqlUrl && 'SELECT 1');",
        test=f"{MYSQL_TESTS}test_a_busy_pool_is_no_reason_to_take_the_service_out[express-typescript]",
        why="load would take every replica out at once",
    ),
    Mutant(
        name="the page shows a value inside of its statement",
        file=MYSQL,
        old="await mysql.execute('INSERT INTO messages (text) VALUES (?)', [text]);",
        new="await mysql.query(`INSERT INTO messages (text) VALUES ('${text}')`);",
        test=f"{MYSQL_TESTS}test_a_value_is_never_read_as_sql[express-typescript-injection]",
        why="owners would copy a hole that deletes their tables",
    ),
    Mutant(
        name="all clients share one limit",
        file=RATE,
        old="ipmask(32,64)",
        new="ipmask(0,0)",
        test=f"{RATE_TESTS}test_who_exceeds_the_limit_is_told_to_wait_and_others_are_served[express-typescript]",
        why="one client could shut all others out",
    ),
    Mutant(
        name="each address of IPv6 is a client",
        file=RATE,
        old="ipmask(32,64)",
        new="ipmask(32,128)",
        test=f"{RATE_TESTS}test_behind_another_balancer_its_header_names_the_client[express-typescript]",
        why="a client of IPv6 has so many addresses that no limit would hold it",
    ),
    Mutant(
        name="a client is refused for longer than it is told",
        file=RATE,
        old="expire 10s store http_req_rate(10s)",
        new="expire 10m store http_req_rate(10m)",
        test=f"{RATE_TESTS}test_who_waits_is_served_again[express-typescript]",
        why="clients that do as they are told would stay locked out",
    ),
    Mutant(
        name="a client is not told how long to wait",
        file=RATE,
        old="hdr retry-after 10 ",
        new="",
        test=f"{RATE_TESTS}test_who_exceeds_the_limit_is_told_to_wait_and_others_are_served[express-typescript]",
        why="programs would ask again at once",
    ),
    Mutant(
        name="redis: its service goes below a line that Postgres has, too",
        file="docs/recipes/redis.md",
        old="@@ -66 +70,11 @@\n+  redis:\n",
        new="@@ -64 +68,11 @@\n     logging: *logging\n+  redis:\n",
        test="bake/test_recipes.py::test_a_change_has_one_place_whatever_the_answers[http-postgres]",
        why="the two services would be one, which Compose refuses in the last minute",
    ),
]
