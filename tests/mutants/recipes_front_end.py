"""Mutants of docs/recipes/front-end.md."""

from __future__ import annotations

from mutants.mutant import Mutant

PAGE = "docs/recipes/front-end.md"
TESTS = "docker/recipes/test_front_end.py::"

MUTANTS = [
    Mutant(
        name="browsers keep the page for a year",
        file=PAGE,
        old="+  if (!file.startsWith('/assets/')) res.setHeader('cache-control', 'no-cache');\n",
        new="+  res.setHeader('vary', 'accept-encoding');\n",
        test=f"{TESTS}test_the_clients_paths_get_the_page_which_is_asked_for_each_time[http-typescript-/app/]",
        why="nobody would see the next version before the year is over",
    ),
    Mutant(
        name="an unknown file of the front end is its page",
        file=PAGE,
        old="+    const path = params['*'].includes('.') ? params['*'] : 'index.html';\n",
        new="+    const path = params['*'] === 'index.html' ? params['*'] : 'index.html';\n",
        test=f"{TESTS}test_what_is_not_there_is_the_apis_404[fastify-typescript-/app/gone.png]",
        why="a browser would take the page for a picture or a script of the version before",
    ),
    Mutant(
        name="the image holds the front end's sources",
        file=PAGE,
        old="+COPY --from=web --chmod=555 /app/web/dist web/dist\n",
        new="+COPY --from=web --chmod=555 /app/web web\n",
        test=f"{TESTS}test_the_image_holds_what_was_built_and_nothing_else[http-typescript]",
        why="what was never meant to be public would be a mistake away from it",
    ),
]
