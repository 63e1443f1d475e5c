"""Mutants of the recipes for what a browser hears of: docs/recipes/event-stream.md and live-updates.md."""

from __future__ import annotations

from mutants.mutant import Mutant

EVENTS = "docs/recipes/event-stream.md"
EVENTS_TESTS = "docker/recipes/test_event_stream.py::"
LIVE = "docs/recipes/live-updates.md"
LIVE_TESTS = "docker/recipes/test_live_updates.py::"

MUTANTS = [
    Mutant(
        name="an event stream that nobody reads is kept",
        file=EVENTS,
        old="+    if (res.writableLength > 2 ** 20) res.destroy();\n",
        new="+    if (res.writableLength > 2 ** 40) res.destroy();\n",
        test=f"{EVENTS_TESTS}test_who_does_not_read_is_cut_and_nobody_else[http-typescript]",
        why="one slow reader could fill the service's memory",
    ),
    Mutant(
        name="an event stream that nobody reads holds up a stop",
        file=EVENTS,
        old="res.setTimeout(1000).end(",
        new="res.setTimeout(0).end(",
        test=f"{EVENTS_TESTS}test_at_a_stop_streams_end_in_order_and_their_clients_come_back[http-typescript]",
        why="every roll-out would wait for its deadline and end with exit code 1",
    ),
    Mutant(
        name="an event is written to a stream that has ended",
        file=EVENTS,
        old="+    else if (!res.writableEnded) res.write(text);\n",
        new="+    else res.write(text);\n",
        test=f"{EVENTS_TESTS}test_what_is_published_during_a_stop_harms_nobody[http-typescript]",
        why="one slow reader would crash the service in the middle of its stop",
    ),
    Mutant(
        name="an event stream begins before its turn on the connection",
        file=EVENTS,
        old="+  if (!res.socket) return void res.once('socket', () => setImmediate(openStream, req, res));\n",
        new="+  if (!req.socket) return;\n",
        test=f"{EVENTS_TESTS}test_what_is_asked_for_ahead_waits_for_its_turn[http-typescript]",
        why="one connection could have the service keep a thousand times what it publishes",
    ),
    Mutant(
        name="a page asks for the newest notes twice at a time",
        file=LIVE,
        old="+  if (!waiting) waiting = refreshed = refreshed.then(refresh).catch(() => {});\n",
        new="+  if (!waiting) waiting = refreshed = Promise.race([refreshed, 0]).then(refresh).catch(() => {});\n",
        test=f"{LIVE_TESTS}test_answers_that_come_late_leave_the_page_as_the_notes_are[express-typescript]",
        why="after two changes at once a page would show the older state, until the next one",
    ),
    Mutant(
        name="older notes are shown below whatever is there when they arrive",
        file=LIVE,
        old="+  if (next !== last) Object.assign(page, ",
        new="+  if (next !== last && !last) Object.assign(page, ",
        test=f"{LIVE_TESTS}test_answers_that_come_late_leave_the_page_as_the_notes_are[express-typescript]",
        why="a page would lack notes between those that it shows",
    ),
]
