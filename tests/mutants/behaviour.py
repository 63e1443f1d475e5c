"""Mutants of the service: what clients, operators and orchestrators rely on."""

from __future__ import annotations

from mutants.mutant import Mutant

SERVICE = "templates/typescript/shared/src/service"
OWN = "bake/test_project_checks.py::test_its_own_tests_pass"
SEEN = "bake/test_service_process.py::test_what_clients_and_the_log_see"

ERRORS = [
    Mutant(
        name="half a response ends as if whole",
        file=f"{SERVICE}/errors.ts",
        old="if (!res.writableEnded) res.destroy();",
        new="if (!res.writableEnded) res.end();",
        test=SEEN,
        why="a client would take half of a list for all of it",
    ),
    Mutant(
        name="another server's 401 is the client's",
        file=f"{SERVICE}/errors.ts",
        old="  if (expose === undefined && !isFromFastify && !(error instanceof URIError)) return undefined;\n",
        new="",
        test=OWN,
        why="a wrong key of ours would be the client's fault, and nothing logged",
    ),
    Mutant(
        name="a fault tells the client what it is",
        file=f"{SERVICE}/errors.ts",
        old="?? { status: 500 }",
        new="?? { status: 500, detail: String(error) }",
        test=OWN,
        why="messages name hosts, tables and files",
    ),
    Mutant(
        name="a fault is not logged",
        file=f"{SERVICE}/errors.ts",
        old="  logger.error({ err: error, id: req.id, trace_id: req.traceId }, 'request failed');\n",
        new="",
        test=OWN,
        why="nobody would know why",
    ),
    Mutant(
        name="any text is a request id",
        file=f"{SERVICE}/headers.ts",
        old=r"/^[\w.-]{1,64}$/",
        new="/./",
        test=OWN,
        why="a client could write what it likes into the log",
    ),
]

REQUESTS = [
    Mutant(
        name="HTTP/2.0 accepted",
        file=f"{SERVICE}/refusals.ts",
        old="  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new HttpError(505);\n",
        new="",
        test=SEEN,
        why="the answer would be in another version than the question",
    ),
    Mutant(
        name="any Host is valid",
        file=f"{SERVICE}/refusals.ts",
        old="httpVersion === '1.1' : !isAuthority(headers.host)",
        new="httpVersion === '1.1' : false",
        test=OWN,
        why="links and caches are made from it",
    ),
    Mutant(
        name="no Host is needed",
        file=f"{SERVICE}/refusals.ts",
        old="headers.host === undefined ? httpVersion === '1.1' :",
        new="headers.host === undefined ? false :",
        test=OWN,
        why="RFC 9112, 3.2: a server must refuse it",
    ),
    Mutant(
        name="ready while it is not",
        file=f"{SERVICE}/requests.ts",
        old="  if (!status.ready) return false;\n",
        new="  if (!status) return false;\n",
        test=OWN,
        why="a service that starts or drains would get requests",
    ),
    Mutant(
        name="ready whatever it depends on",
        file=f"{SERVICE}/requests.ts",
        old="(await Promise.race([isReady?.(), late])) !== false",
        new="(await Promise.race([isReady?.(), late])) !== 0",
        test=OWN,
        why="a replica without its database would get requests",
    ),
    Mutant(
        name="the log holds queries",
        file=f"{SERVICE}/requests.ts",
        old="url.split('?', 1)[0].slice(0, 256)",
        new="url.slice(0, 256)",
        test=SEEN,
        why="tokens in links would be in the log",
    ),
    Mutant(
        name="the log has what express makes of a path",
        file=f"{SERVICE}/requests.ts",
        old="loggedPath(url)",
        new="loggedPath(req.url)",
        test=OWN,
        why="a request below a mounted path would be logged as one of another",
    ),
    Mutant(
        name="probes are logged",
        file=f"{SERVICE}/requests.ts",
        old="    if (logger.isLevelEnabled('info') && !PROBES.includes(req.url)) logWhenDone",
        new="    if (logger.isLevelEnabled('info')) logWhenDone",
        test=OWN,
        why="the log would be health checks and nothing else",
    ),
]

STOP = [
    Mutant(
        name="drain: what is in flight is cut",
        file=f"{SERVICE}/server.ts",
        old="    if (!res || res.writableFinished) socket.destroy();\n",
        new="    if (!res || res) socket.destroy();\n",
        test=OWN,
        why="a slow request would be lost at every roll-out",
    ),
    Mutant(
        name="drain: clients are not told to reconnect",
        file=f"{SERVICE}/requests.ts",
        old="    res.setHeader('connection', 'close');\n    setImmediate",
        new="    setImmediate",
        test=OWN,
        why="a client that keeps asking would never move to another replica",
    ),
    Mutant(
        name="onClose is not run",
        file=f"{SERVICE}/start.ts",
        old="  for (const part of parts.toReversed()) await run('onClose', () => part.onClose?.(context));\n",
        new="",
        test=OWN,
        why="a database would keep connections that nobody uses",
    ),
    Mutant(
        name="onDrain is not run",
        file=f"{SERVICE}/start.ts",
        old="  await app.drain(() => Promise.all(parts.map(onDrain)));\n",
        new="  await app.drain(() => onDrain(parts[0]));\n",
        test=OWN,
        why="an open event stream would hold up every stop until its deadline",
    ),
    Mutant(
        name="a second hook for WebSockets is dropped in silence",
        file=f"{SERVICE}/start.ts",
        old="  if (takers.length > 1) throw new Error('only one part may have onUpgrade()');\n",
        new="",
        test=OWN,
        why="which of two modules gets the sockets would depend on their order",
    ),
    Mutant(
        name="a part that is opened first is closed first",
        file=f"{SERVICE}/start.ts",
        old="parts.toReversed()",
        new="parts",
        test=OWN,
        why="what uses a connection at its end would find it closed; the last scrape would miss the end of a drain",
    ),
    Mutant(
        name="a service is ready without one of its parts",
        file=f"{SERVICE}/start.ts",
        old="return !found.includes(false);",
        new="return found[0];",
        test=OWN,
        why="requests would be sent to a replica that has lost its database",
    ),
    Mutant(
        name="SIGTERM is not handled",
        file=f"{SERVICE}/signals.ts",
        old="['SIGTERM', 'SIGINT']",
        new="['SIGINT']",
        test=OWN,
        why="every stop would cut what is in flight",
    ),
    Mutant(
        name="a bad setting starts",
        file=f"{SERVICE}/settings.ts",
        old="    if (Number(value) < min || Number(value) > max) throw bad(name, rule, value);\n",
        new="",
        test=OWN,
        why="PORT=99999 would be an error of the network, minutes later",
    ),
    Mutant(
        name="a number in hexadecimal is taken",
        file=f"{SERVICE}/settings.ts",
        old=r"/^(0|[1-9]\d{0,14})$/",
        new="/./",
        test=OWN,
        why="PORT=0x50 would be 80, and PORT=abc the path of a socket",
    ),
    Mutant(
        name="a secret from a file is shown",
        file=f"{SERVICE}/settings.ts",
        old="from === undefined ? JSON.stringify(value) : `what ${from} holds`",
        new="JSON.stringify(value)",
        test=OWN,
        why="a password with a line too much would be in the log",
    ),
]

HEALTH = [
    Mutant(
        name="health check without time limit",
        file=f"{SERVICE}/healthcheck.ts",
        old="  setTimeout(() => unhealthy('no answer within 2 s'), 2000);\n",
        new="",
        test="bake/test_service_process.py::test_the_health_check_gives_up",
        why="checks of a service that hangs would pile up",
    ),
    Mutant(
        name="health check: any answer is good",
        file=f"{SERVICE}/healthcheck.ts",
        old=r"/^HTTP\/1\.[01] [23]\d\d\b/",
        new=r"/^HTTP\/1\.[01] \d\d\d\b/",
        test=OWN,
        why="a service that says 503 would be healthy",
    ),
]

MUTANTS = [*ERRORS, *REQUESTS, *STOP, *HEALTH]
