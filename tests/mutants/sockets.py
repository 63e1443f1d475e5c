"""Mutants of the recipe for WebSockets, and of what the service's half does with upgrades."""

from __future__ import annotations

from mutants.mutant import Mutant

PAGE = "docs/recipes/websocket.md"
TESTS = "docker/recipes/test_websocket.py::"
SERVICE = "templates/javascript/shared/src/service"
OWN = "bake/test_service_half.py::test_all_tests_of_the_project"

MUTANTS = [
    Mutant(
        name="any upgrade goes to the listener for WebSockets",
        file=f"{SERVICE}/server.js",
        old="!isWebSocket || this.listenerCount('upgrade') === 0",
        new="this.listenerCount('upgrade') === 0",
        test=OWN,
        why="with one WebSocket in the service, no client that offers HTTP/2 would get a response any more",
    ),
    Mutant(
        name="a client that leaves while its upgrade is refused is an error that nobody catches",
        file=f"{SERVICE}/refusals.js",
        old="  req.socket.on('error', () => req.socket.destroy()); // Node has taken its listener off\n",
        new="",
        test=OWN,
        why="anybody could end the service",
    ),
    Mutant(
        name="a WebSocket that nobody reads is kept",
        file=PAGE,
        old="+    if (socket.bufferedAmount > 2 ** 20) socket.terminate();\n",
        new="+    if (socket.bufferedAmount > 2 ** 40) socket.terminate();\n",
        test=f"{TESTS}test_who_does_not_read_is_cut_and_nobody_else[http-typescript]",
        why="one slow reader could fill the service's memory",
    ),
    Mutant(
        name="a WebSocket whose client is gone is kept",
        file=PAGE,
        old="+    if (silent.has(socket)) socket.terminate();\n",
        new="+    if (silent.has(socket)) socket.pong();\n",
        test=f"{TESTS}test_who_does_not_answer_a_ping_is_cut_and_nobody_else[http-typescript]",
        why="clients whose network went away would pile up until a restart",
    ),
    Mutant(
        name="any page may open a WebSocket",
        file=PAGE,
        old="if (origin && !config.socketOrigins.includes(origin)) return",
        new="if (origin && !config.socketOrigins) return",
        test=f"{TESTS}test_pages_of_other_origins_have_none[http-typescript]",
        why="any page could act for its reader, with the cookie of that reader",
    ),
    Mutant(
        name="a WebSocket's message has no limit",
        file=PAGE,
        old="{ noServer: true, maxPayload: 2 ** 16 }",
        new="{ noServer: true }",
        test=f"{TESTS}test_a_message_that_is_too_large_closes_its_socket_alone[http-typescript]",
        why="a client could fill the service's memory with one message",
    ),
    Mutant(
        name="a stop does not wait for what a WebSocket's message asked",
        file=PAGE,
        old="+  await Promise.all(working);\n",
        new="+  await Promise.resolve(working);\n",
        test=f"{TESTS}test_at_a_stop_every_socket_is_closed_in_order[http-typescript]",
        why="each roll-out would lose replies",
    ),
    Mutant(
        name="a WebSocket that does not answer the close frame holds up a stop",
        file=PAGE,
        old="+    setTimeout(() => socket.terminate(), 1000);\n",
        new="+    setTimeout(() => socket.terminate(), 20_000);\n",
        test=f"{TESTS}test_at_a_stop_every_socket_is_closed_in_order[http-typescript]",
        why="every roll-out would wait for its deadline and end with exit code 1",
    ),
    Mutant(
        name="a service that stops takes new WebSockets",
        file=PAGE,
        old="return status.draining ? new HttpError(503) : undefined;",
        new="return status.ready || status.draining ? undefined : new HttpError(503);",
        test=f"{TESTS}test_at_a_stop_every_socket_is_closed_in_order[http-typescript]",
        why="clients would be let in only to be sent away again",
    ),
]
