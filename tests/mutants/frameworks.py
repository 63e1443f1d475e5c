"""Mutants of what each framework's application does beside the service half."""

from __future__ import annotations

from mutants.mutant import Mutant

SERVICE = "templates/typescript/shared/src/service"
OWN = "bake/test_project_checks.py::test_its_own_tests_pass"
FRAMEWORK = "bake/test_project_checks.py::test_the_tests_of_a_framework_pass"

MUTANTS = [
    Mutant(
        name="http: a body without a limit",
        file="templates/typescript/http/src/routes.ts",
        old="  if (size > limit) throw new HttpError(413);\n",
        new="",
        test=OWN,
        why="one request could take the memory of all",
    ),
    Mutant(
        name="http: a line waits in memory for a slow reader",
        file="templates/javascript/http/src/service/logger.js",
        old="      write(`${lineOf(name, bound, first, rest)}\\n`);",
        new="      process.stdout.write(`${lineOf(name, bound, first, rest)}\\n`);",
        test="bake/test_service_process.py::test_no_line_is_lost_before_an_end[http]",
        why="the lines before a hang or a kill, which say what happened, are the ones that are lost",
    ),
    Mutant(
        name="pino writes when it has time",
        file="templates/javascript/shared/src/service/logger.js",
        old="pino.destination({ sync: true })",
        new="pino.destination({ sync: false })",
        test="bake/test_service_process.py::test_no_line_is_lost_before_an_end[fastify]",
        why="the lines before a hang, an abort or a kill are the ones that are lost",
    ),
    Mutant(
        name="http: the logger throws on a BigInt",
        file="templates/typescript/http/src/service/logger.ts",
        old="  if (typeof value === 'bigint') {\n",
        new="  if (typeof value === 'never') {\n",
        test=OWN,
        why="a log line would end the process",
    ),
    Mutant(
        name="express says what it is",
        file="templates/typescript/express/src/app.ts",
        old=".disable('x-powered-by')",
        new="",
        test=FRAMEWORK,
        why="who looks for a hole need not guess",
    ),
    Mutant(
        name="express: responses without the security headers",
        file="templates/typescript/express/src/app.ts",
        old="Object.setPrototypeOf(express.response, ServiceResponse.prototype);\n",
        new="void ServiceResponse;\n",
        test=FRAMEWORK,
        why="a browser would guess types and show it in frames",
    ),
    Mutant(
        name="fastify: a query is text whatever its schema says",
        file="templates/typescript/fastify/src/app.ts",
        old="const coercing = build({ removeAdditional: false });",
        new="const coercing = build({ removeAdditional: false, coerceTypes: false });",
        test="bake/test_frameworks.py::test_fastify",
        why="every page number would be a 400",
    ),
    Mutant(
        name="fastify: 404 where a path has other methods",
        file="templates/typescript/fastify/src/app.ts",
        old="  if (allowed.length > 0) {",
        new="  if (allowed.length > 99) {",
        test="bake/test_frameworks.py::test_fastify",
        why="clients would look for a missing path instead of another method",
    ),
    Mutant(
        name="fastify: a limit of requests is a fault",
        file="templates/typescript/fastify/src/app.ts",
        old="reply.hasHeader('retry-after') ? thrown.statusCode : undefined",
        new="undefined as number | undefined",
        test="bake/test_frameworks.py::test_fastify",
        why="clients that are too quick would fill the log and be told 500",
    ),
    Mutant(
        name="fastify: what a plugin says of itself is a bare 500",
        file=f"{SERVICE}/errors.ts",
        old="statusCode > 599",
        new="statusCode > 499",
        test="bake/test_frameworks.py::test_fastify",
        why="a service under pressure would say that it is broken",
    ),
    Mutant(
        name="a page may load nothing",
        file=f"{SERVICE}/headers.ts",
        old=" headers[CSP] = PAGE_POLICY;",
        new=" headers[CSP] = API_POLICY;",
        test="bake/test_frameworks.py::test_express",
        why="every page would be blank, the one of the API's documentation too",
    ),
    Mutant(
        name="a header that was set is set again",
        file=f"{SERVICE}/headers.ts",
        old="      if (name in headers) headers[name] = this.getHeader(name);\n",
        new="",
        test="bake/test_frameworks.py::test_express",
        why="no static file could be cached",
    ),
    Mutant(
        name="a header of another spelling is sent twice",
        file=f"{SERVICE}/headers.ts",
        old="headers[name.toLowerCase()] = given[name]",
        new="headers[name] = given[name]",
        test=OWN,
        why="caches would see two rules that contradict each other",
    ),
    Mutant(
        name="an upload that is too large is a fault",
        file=f"{SERVICE}/errors.ts",
        old="name === 'MulterError'",
        new="name === ''",
        test="bake/test_frameworks.py::test_express",
        why="clients could fill the log, and would not learn of the limit",
    ),
    Mutant(
        name="http: a child of the logger has no fields",
        file="templates/typescript/http/src/service/logger.ts",
        old="new Date().toISOString(), ...bound }",
        new="new Date().toISOString() }",
        test=OWN,
        why="no line of the owner could be found by its trace",
    ),
    Mutant(
        name="fastify repairs what its schema refuses",
        file="templates/typescript/fastify/src/app.ts",
        old="removeAdditional: false, coerceTypes: false",
        new="removeAdditional: true, coerceTypes: false",
        test=FRAMEWORK,
        why="a misspelt field would be dropped silently",
    ),
    Mutant(
        name="fastify's onClose not run",
        file="templates/typescript/fastify/src/app.ts",
        old=", close: () => app.close() }",
        new=" }",
        test="bake/test_service_process.py::test_plugins_of_fastify_are_closed_at_a_stop",
        why="plugins would keep their connections at every roll-out",
    ),
]
