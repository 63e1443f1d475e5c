"""Mutants of docs/recipes: of their pages, of their JavaScript form, and of what counts their lines."""

from __future__ import annotations

from mutants.mutant import Mutant

CORS = "docs/recipes/cors.md"
CALLING = "docs/recipes/calling-another-service.md"
HTTPS = "docs/recipes/https.md"
CALLING_TESTS = "docker/recipes/test_calling_another_service.py::"
JWT = "docs/recipes/jwt.md"
SESSIONS = "docs/recipes/sessions.md"
REDIS = "docs/recipes/redis.md"
REDIS_TESTS = "docker/recipes/test_redis.py::"
FAST = "bake/test_recipes.py::"

MUTANTS = [
    Mutant(
        name="lines that a recipe removes do not count",
        file="tests/support/recipes/page.py",
        old='line.startswith(("+", "-"))',
        new='line.startswith("+")',
        test=f"{FAST}test_lines_are_counted_as_git_counts_them",
        why="a recipe could rewrite half of a project",
    ),
    Mutant(
        name="a recipe's JavaScript form is edited by hand",
        file="docs/recipes/javascript/cors.md",
        old="+  app.use(cors({ origin, ",
        new="+  app.use(cors({ origin: true, ",
        test=f"{FAST}test_pages_are_shaped_and_their_javascript_form_is_current",
        why="the two languages would do different things",
    ),
    Mutant(
        name="a recipe's package has no exact version",
        file=CORS,
        old="cors@2.8.6",
        new="cors@^2.8.6",
        test=f"{FAST}test_packages_are_pinned",
        why="an owner would get what nobody tried",
    ),
    Mutant(
        name="a recipe is not in the index",
        file="docs/recipes/README.md",
        old="| [cors.md](cors.md) |",
        new="| cors.md |",
        test=f"{FAST}test_the_index_names_every_recipe_once",
        why="nobody would find it",
    ),
    Mutant(
        name="the index's commands take every framework's diffs",
        file="docs/recipes/README.md",
        old="on && inside { print }",
        new="inside { print }",
        test=f"{FAST}test_the_indexs_commands_take_the_diffs_and_add_the_packages[express]",
        why="git apply would fail for whoever follows the page",
    ),
    Mutant(
        name="a change of a recipe stands between two lines",
        file=CORS,
        old="""@@ -16 +16,2 @@
     BODY_LIMIT_BYTES: '2000',
+    CORS_ORIGINS: 'https://app.example.com',
""",
        new="""@@ -16,2 +16,3 @@
     BODY_LIMIT_BYTES: '2000',
+    CORS_ORIGINS: 'https://app.example.com',
   });
""",
        test=f"{FAST}test_all_apply_to_one_project[express-typescript-alone-in-order]",
        why="no other recipe with a setting could be followed in the same project",
    ),
    Mutant(
        name="a stop cuts what is in flight by HTTPS",
        file="templates/typescript/shared/src/service/server.ts",
        old="    while (responses.size > 0) await sleep(10);\n",
        new="",
        test="docker/recipes/test_https.py::test_a_request_in_flight_is_answered_at_a_stop[express-typescript]",
        why="every roll-out would lose requests",
    ),
    Mutant(
        name="a diff is not of the project as it is generated",
        file=CORS,
        old=" // The application: finds the route of a request.\n",
        new=" // The application: routes.\n",
        test=f"{FAST}test_it_applies",
        why="git apply would fail for whoever follows the page",
    ),
    Mutant(
        name="CORS lets every origin read",
        file=CORS,
        old="if (!headers.origin || !origins.includes(headers.origin)) return;",
        new="if (!headers.origin || origins.length === 0) return;",
        test="docker/recipes/test_cors.py::test_another_origin_may_not[http-typescript-null]",
        why="any page could read what the service says to its reader",
    ),
    Mutant(
        name="with CORS fastify answers OPTIONS without Allow",
        file=CORS,
        old="+  if (!request.is404 && request.routeOptions.url !== '*') return done();\n",
        new="+  if (!request.is404) return done();\n",
        test="docker/recipes/test_cors.py::test_without_an_origin_all_is_as_before[fastify-typescript]",
        why="an addition would change what other clients are answered",
    ),
    Mutant(
        name="the document of OpenAPI has a schema of its own",
        file="docs/recipes/openapi.md",
        old="+  const { data, error } = echo.safeParse(body);\n",
        new="+  const { data, error } = echo.partial().safeParse(body);\n",
        test="docker/recipes/test_openapi.py::test_the_service_refuses_what_the_document_refuses"
        "[express-typescript-{}]",
        why="the document would say what the service does not do",
    ),
    Mutant(
        name="a call of another service has no time limit",
        file=CALLING,
        old="{ prefix, headers, totalTimeout, retry: 1 }",
        new="{ prefix, headers, timeout: totalTimeout * 10, retry: 1 }",
        test=f"{CALLING_TESTS}test_its_faults_are_ours_logged_and_not_told[http-typescript-half a body-504-1]",
        why="requests would pile up behind a service that hangs",
    ),
    Mutant(
        name="what another service sent is logged",
        file=CALLING,
        old="+    if (isHTTPError(err)) err.data = undefined; // what the other service sent belongs in no log\n",
        new="+    // what the other service sent belongs in no log\n",
        test=f"{CALLING_TESTS}test_its_faults_are_ours_logged_and_not_told[http-typescript-503-502-2]",
        why="somebody's data would stand in the log",
    ),
    Mutant(
        name="a token without an end counts",
        file=JWT,
        old="requiredClaims: ['exp'], ",
        new="",
        test="docker/recipes/test_jwt.py::test_a_bad_token_is_refused[http-typescript-without an end]",
        why="a token that somebody lost would open the service for ever",
    ),
    Mutant(
        name="a key set that cannot be had is the client's fault",
        file=JWT,
        old="/^ERR_(JWT|JWS|JOSE_ALG|JOSE_NOT|JWKS_NO|JWKS_MULTIPLE)_/",
        new="/^ERR_/",
        test="docker/recipes/test_jwt.py::test_without_a_key_set_it_is_a_logged_503_and_not_the_clients_fault"
        "[http-typescript-503]",
        why="clients would throw good tokens away, and nobody would see why",
    ),
    Mutant(
        name="a page of another subdomain may use the session",
        file=SESSIONS,
        old="site === 'same-origin' || site === 'none'",
        new="site !== 'cross-site'",
        test="docker/recipes/test_sessions.py::test_pages_of_others_may_change_nothing"
        "[http-typescript-POST-another subdomain]",
        why="SameSite=Lax sends the cookie from there, so whoever has that page acts for its readers",
    ),
    Mutant(
        name="a stop in order is an error in the log",
        file="templates/typescript/shared/src/service/start.ts",
        old="logger.info('stopped');",
        new="logger.error('stopped');",
        test="docker/recipes/test_team.py::test_a_stop_is_in_order",
        why="every roll-out would raise an alarm, until nobody looks at alarms",
    ),
    Mutant(
        name="a session never ends",
        file=SESSIONS,
        old="ttl: 8 * 3600",
        new="ttl: 0",
        test="docker/recipes/test_sessions.py::test_the_cookies_flags[http-typescript]",
        why="a cookie that somebody lost would open the service for ever",
    ),
    Mutant(
        name="with CORS node:http has a list of allowed headers",
        file=CORS,
        old="+  if (asked) res.setHeader('access-control-allow-headers', asked);\n",
        new="+  if (asked) res.setHeader('access-control-allow-headers', 'authorization, content-type');\n",
        test="docker/recipes/test_cors.py::test_a_page_may_send_every_header_that_it_asks_for[http-typescript]",
        why="a front end could not send the idempotency key or the trace that the service itself reads",
    ),
    Mutant(
        name="a handshake of TLS may take for ever",
        file=HTTPS,
        old="+  listener.on('tlsClientError', (_err, socket) => socket.destroy());\n",
        new="+  listener.on('tlsClientError', () => {});\n",
        test="docker/recipes/test_https.py::test_a_handshake_has_a_limit[express-typescript-nothing]",
        why="anybody could hold connections open, without a byte, until there are no more",
    ),
    Mutant(
        name="a handshake of TLS has Node's limit of two minutes",
        file=HTTPS,
        old="const options = { cert, key, handshakeTimeout, ALPN",
        new="const options = { cert, key, handshakeTimeout: 12 * handshakeTimeout, ALPN",
        test="docker/recipes/test_https.py::test_a_handshake_has_a_limit[express-typescript-nothing]",
        why="connections would cost an attacker a twelfth of what those of HTTP cost",
    ),
    Mutant(
        name="a command to Redis has no time limit",
        file=REDIS,
        old="socketTimeout: 1000",
        new="socketTimeout: 60000",
        test=f"{REDIS_TESTS}test_a_redis_that_hangs_delays_nothing_for_long[http-typescript]",
        why="requests would pile up behind a Redis that hangs",
    ),
    Mutant(
        name="readiness does not ask Redis",
        file=REDIS,
        old="isReady = () => redis.ping();",
        new="isReady = () => redis.status !== 'end';",
        test=f"{REDIS_TESTS}test_while_redis_is_away_requests_fail_at_once_and_it_comes_back[http-typescript]",
        why="a balancer would send requests to a replica that cannot answer them",
    ),
]
