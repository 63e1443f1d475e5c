"""Mutants of docs/recipes/opentelemetry.md."""

from __future__ import annotations

from mutants.mutant import Mutant

PAGE = "docs/recipes/opentelemetry.md"
TESTS = "docker/recipes/test_opentelemetry.py::"

MUTANTS = [
    Mutant(
        name="a collector that hangs holds up a stop",
        file=PAGE,
        old="Promise.race([provider.shutdown(), sleep(1000)])",
        new="Promise.race([provider.shutdown(), sleep(20_000)])",
        test=f"{TESTS}test_a_collector_that_hangs_holds_up_no_stop[http-typescript]",
        why="every roll-out would end with exit code 1 while the collector is overloaded",
    ),
    Mutant(
        name="probes are traced",
        file=PAGE,
        old="+    ignoreIncomingRequestHook: ({ url }) => url === '/livez' || url === '/readyz',\n",
        new="+    ignoreIncomingRequestHook: ({ url }) => url === '/livez',\n",
        test=f"{TESTS}test_probes_have_no_spans[http-typescript]",
        why="a span every ten seconds for each replica, which somebody pays for",
    ),
    Mutant(
        name="the log knows no trace that begins here",
        file=PAGE,
        old="+    requestHook: (_, req) => 'headers' in req && propagation.inject(context.active(), req.headers),\n",
        new="+    requestHook: (_, req) => 'headers' in req && context.active(),\n",
        test=f"{TESTS}test_the_logs_lines_have_the_spans_trace_whoever_began_it[http-typescript]",
        why="a trace that the service begins is not found in its log",
    ),
    Mutant(
        name="without an endpoint spans go to localhost",
        file=PAGE,
        old="+  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT) return;\n",
        new="+  // Without an endpoint: localhost\n",
        test=f"{TESTS}test_without_an_endpoint_nothing_is_sent[http-typescript]",
        why="the log would say every few seconds that spans are lost, wherever nobody wants them",
    ),
]
