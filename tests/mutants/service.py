"""Mutants of the service's half of the source, killed by the tests that every project carries."""

from __future__ import annotations

from mutants.mutant import Mutant

SERVICE = "templates/javascript/shared/src/service"
OWN = "bake/test_service_half.py::test_all_tests_of_the_project"

MUTANTS = [
    Mutant(
        name="a service that has ended is waited for",
        file="templates/javascript/shared/test/service/process.test.js",
        old="      assert.ok(!ended,",
        new="      assert.ok(true || !ended,",
        test="bake/test_service_half.py::test_a_service_that_does_not_start_is_not_waited_for",
        why="a project whose service does not start would wait for minutes, and be told nothing",
    ),
    Mutant(
        name="whoever connects is believed about the client",
        file=f"{SERVICE}/proxies.js",
        old="family !== 0 && trusted.check(",
        new="family !== 0 || trusted.check(",
        test=OWN,
        why="an address for rate limits and logs would be what an attacker writes",
    ),
    Mutant(
        name="a forged scheme in front of the proxy's counts",
        file=f"{SERVICE}/proxies.js",
        old="values.at(-Math.min(hops, values.length))",
        new="values[0]",
        test=OWN,
        why="a client without TLS would pass for one with it",
    ),
    Mutant(
        name="If-Modified-Since is compared with a time that stands for content",
        file=f"{SERVICE}/requests.js",
        old="  if (Date.parse(since) < Date.UTC(2000)) delete headers['if-modified-since'];\n",
        new="",
        test=OWN,
        why="the time of a newer version may be an earlier one: clients would keep the old file",
    ),
    Mutant(
        name="a setting and its file contradict each other in silence",
        file=f"{SERVICE}/settings.js",
        old="path !== undefined && env[name] !== undefined",
        new="false",
        test=OWN,
        why="an old value in .env would win over the mounted secret, or lose against it, unseen",
    ),
    Mutant(
        name="a secret keeps the newline of its file",
        file=f"{SERVICE}/settings.js",
        old=r".replace(/\r?\n$/, '')",
        new="",
        test=OWN,
        why="every password written by an editor would be refused",
    ),
    Mutant(
        name="pipelined requests are dropped at a stop",
        file=f"{SERVICE}/requests.js",
        old="    if (previous && !previous.headersSent) previous.setHeader('connection', 'keep-alive');\n",
        new="",
        test=OWN,
        why="requests that had arrived are reset",
    ),
    Mutant(
        name="the status of another server's error reaches the client",
        file=f"{SERVICE}/errors.js",
        old="  if (expose === undefined && !isFromFastify && !(error instanceof URIError)) return undefined;\n",
        new="",
        test=OWN,
        why="a wrong key for an API behind the service would be its client's 401, and nothing in the log",
    ),
    Mutant(
        name="any Host is taken",
        file=f"{SERVICE}/refusals.js",
        old=" : !isAuthority(headers.host)",
        new=" : false",
        test=OWN,
        why="links and cache keys made from it would hold what an attacker sent",
    ),
    Mutant(
        name="whoever reads a body that never becomes whole waits for ever",
        file=f"{SERVICE}/refusals.js",
        old="      last.once('close', () => last.req.destroy()); // or a reader of the body waits for ever\n",
        new="",
        test=OWN,
        why="half a file would stay of each upload whose client left",
    ),
    Mutant(
        name="a stop during the start looks like a crash",
        file=f"{SERVICE}/start.js",
        old="    logger.info({ signal }, 'stopped while starting');\n    process.exit(0);\n",
        new="    logger.info({ signal }, 'stopped while starting');\n    process.exit(143);\n",
        test=OWN,
        why="every roll-out that overlaps a start would be reported as failed",
    ),
    Mutant(
        name="the health check asks 127.0.0.1 whatever HOST says",
        file=f"{SERVICE}/healthcheck.js",
        old="['::', '0.0.0.0'].includes(listening) ? '127.0.0.1' : listening",
        new="listening && '127.0.0.1'",
        test=OWN,
        why="a service on one address would be restarted for ever",
    ),
    Mutant(
        name="readiness does not ask what the service depends on",
        file=f"{SERVICE}/requests.js",
        old="!status.ready || (isReady && !(await dependenciesReady(context)))",
        new="!status.ready",
        test=OWN,
        why="requests would be sent to a replica without its database",
    ),
    Mutant(
        name="streams are not ended at a stop",
        file=f"{SERVICE}/server.js",
        old="Promise.all([endStreams?.(), ",
        new="Promise.all([",
        test=OWN,
        why="an open event stream would hold up every stop until its deadline",
    ),
    Mutant(
        name="the causes of an error are not logged",
        file="templates/javascript/http/src/service/logger.js",
        old="withCauses(error, (one) => one.message, ': ')",
        new="error.message",
        test=OWN,
        why="the log would say that something failed, and not why",
    ),
    Mutant(
        name="comments about types stay in JavaScript",
        file="templates/javascript/shared/src/service/start.js",
        old="/** Ends the process with one line for",
        new="/** What createApp() returns. */\n\n/** Ends the process with one line for",
        test="bake/test_variants.py::test_no_comment_is_left_of_types_that_went",
        why="an owner of a JavaScript project would read about types that are not there",
    ),
]
