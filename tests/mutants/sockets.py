"""Mutants of the recipes for WebSockets, and of what the service's half does with upgrades."""

from __future__ import annotations

from mutants.mutant import Mutant

PAGE = "docs/recipes/websocket.md"
LIMITS = "docs/recipes/websocket-limits.md"
TESTS = "docker/recipes/test_websocket.py::"
LIMITS_TESTS = "docker/recipes/test_websocket_limits.py::"
SERVICE = "templates/javascript/shared/src/service"
OWN = "bake/test_service_half.py::test_all_tests_of_the_project"

MUTANTS = [
    Mutant(
        name="any upgrade goes to the listener for WebSockets",
        file=f"{SERVICE}/server.js",
        old="!isWebSocket || isBehind || this.listenerCount('upgrade') === 0",
        new="isBehind || this.listenerCount('upgrade') === 0",
        test=OWN,
        why="with one WebSocket in the service, no client that offers HTTP/2 would get a response any more",
    ),
    Mutant(
        name="a service that stops takes new WebSockets",
        file=f"{SERVICE}/server.js",
        old="      if (context.status.draining) throw new HttpError(503);\n",
        new="      if (!context.status) throw new HttpError(503);\n",
        test=OWN,
        why="clients would be let in only to be sent away again",
    ),
    Mutant(
        name="an error of onUpgrade is not caught",
        file=f"{SERVICE}/server.js",
        old="      refuse(context, req, error);\n",
        new="      if (error instanceof HttpError) refuse(context, req, error);\n      else throw error;\n",
        test=OWN,
        why="one request that the owner's code does not expect would end the service",
    ),
    Mutant(
        name="a client that leaves during its upgrade is an error that nobody catches",
        file=f"{SERVICE}/server.js",
        old="    socket.on('error', () => socket.destroy()); // Node has taken its listener off\n",
        new="",
        test=OWN,
        why="anybody could end the service",
    ),
    Mutant(
        name="any page may open a WebSocket",
        file=PAGE,
        old="+  if (origin && origin.split('//')[1] !== host) throw",
        new="+  if (origin && origin === host) throw",
        test=f"{TESTS}test_pages_of_other_hosts_have_none[express-typescript]",
        why="any page could act for its reader, with the cookie of that reader",
    ),
    Mutant(
        name="a WebSocket's message has no limit",
        file=PAGE,
        old="{ noServer: true, maxPayload: 2 ** 16, closeTimeout",
        new="{ noServer: true, closeTimeout",
        test=f"{TESTS}test_a_message_that_is_too_large_closes_its_socket_alone[express-typescript]",
        why="a client could fill the service's memory with one message",
    ),
    Mutant(
        name="an error of a WebSocket is not caught",
        file=PAGE,
        old="+    client.on('error', (err) => logger.warn({ err }, 'websocket'));\n",
        new="+    client.on('close', (err) => logger.warn({ err }, 'websocket'));\n",
        test=f"{TESTS}test_a_message_that_is_too_large_closes_its_socket_alone[express-typescript]",
        why="anybody could end the service",
    ),
    Mutant(
        name="a WebSocket that does not answer the close frame holds up a stop",
        file=PAGE,
        old="closeTimeout: 1000 }",
        new="closeTimeout: 20_000 }",
        test=f"{TESTS}test_at_a_stop_every_socket_is_closed_in_order[express-typescript]",
        why="every roll-out would wait for its deadline and end with exit code 1",
    ),
    Mutant(
        name="a stop cuts WebSockets",
        file=PAGE,
        old="client.close(1001);\n",
        new="client.terminate();\n",
        test=f"{TESTS}test_at_a_stop_every_socket_is_closed_in_order[express-typescript]",
        why="clients could not tell a roll-out from a network that went away",
    ),
    Mutant(
        name="a WebSocket that nobody reads is kept",
        file=LIMITS,
        old="+    if (client.bufferedAmount > 2 ** 20) client.terminate();\n",
        new="+    if (client.bufferedAmount > 2 ** 40) client.terminate();\n",
        test=f"{LIMITS_TESTS}test_who_does_not_read_is_cut_and_nobody_else[express-typescript]",
        why="one slow reader could fill the service's memory",
    ),
    Mutant(
        name="a WebSocket whose client is gone is kept",
        file=LIMITS,
        old="+    if (silent.has(client)) client.terminate();\n",
        new="+    if (silent.has(client)) client.pong();\n",
        test=f"{LIMITS_TESTS}test_who_does_not_answer_a_ping_is_cut_and_nobody_else[express-typescript]",
        why="clients whose network went away would pile up until a restart",
    ),
    Mutant(
        name="a stop does not wait for what a WebSocket's message asked",
        file=LIMITS,
        old="+  await Promise.all(working);\n",
        new="+  await Promise.resolve(working);\n",
        test=f"{LIMITS_TESTS}test_a_stop_waits_for_the_work_on_a_message[express-typescript]",
        why="each roll-out would lose replies",
    ),
    Mutant(
        name="an upgrade takes the connection from the request before it",
        file=f"{SERVICE}/server.js",
        old="!isWebSocket || isBehind || this",
        new="!isWebSocket || this",
        test=OWN,
        why="one packet from anybody would end the service, or put a response into a WebSocket",
    ),
    Mutant(
        name="an upgrade is not checked as other requests are",
        file=f"{SERVICE}/server.js",
        old="      checkRequest(req);\n",
        new="",
        test=OWN,
        why="a request without a Host would be compared with its Origin",
    ),
]
