"""Mutants of the recipes for projects with Postgres, and of what derives their form in JavaScript."""

from __future__ import annotations

from mutants.mutant import Mutant

PRISMA = "docs/recipes/prisma.md"
PRISMA_TESTS = "docker/recipes/test_prisma.py::"
LIVE = "docs/recipes/live-updates.md"
LIVE_TESTS = "docker/recipes/test_live_updates.py::"
FAST = "bake/test_recipes.py::"

MUTANTS = [
    Mutant(
        name="Prisma looks for tables in the schema public",
        file=PRISMA,
        old="new PrismaPg(pool, rows[0])",
        new="new PrismaPg(pool)",
        test=f"{PRISMA_TESTS}test_what_sql_writes_prisma_reads[express-typescript]",
        why="its queries would miss the tables of tests, and of whoever sets a search_path",
    ),
    Mutant(
        name="Prisma opens a pool of its own",
        file=PRISMA,
        old="new PrismaPg(pool, rows[0])",
        new="new PrismaPg(pool.options, rows[0])",
        test=f"{PRISMA_TESTS}test_prisma_has_no_connections_of_its_own[express-typescript]",
        why="each replica would take twice the connections that its owner has counted",
    ),
    Mutant(
        name="a client that lies beside the sources is built in",
        file=PRISMA,
        old="+src/generated\n",
        new="+# src/generated\n",
        test=f"{PRISMA_TESTS}test_what_sql_writes_prisma_reads[express-typescript]",
        why="a client of an older schema would come from somebody's machine",
    ),
    Mutant(
        name="Prisma's command line is in the production image",
        file=PRISMA,
        old='+ARG OMIT="prisma @prisma/studio-core @prisma/dev ',
        new='+ARG OMIT="',
        test=f"{PRISMA_TESTS}test_production_has_the_client_of_this_build_and_no_tool[express-typescript]",
        why="the image would be twice as large",
    ),
    Mutant(
        name="the generated client has the time of its build",
        file=PRISMA,
        old=" && find src -exec touch --date @0 {} +",
        new="",
        test=f"{PRISMA_TESTS}test_production_has_the_client_of_this_build_and_no_tool[express-typescript]",
        why="the same tree would give another layer in every build",
    ),
    Mutant(
        name="a project in JavaScript lacks the generated client in production",
        file="docs/recipes/javascript/prisma.md",
        old="+COPY --from=build --chmod=555 /app/src/generated src/generated\n",
        new="+# The generated client: src/generated\n",
        test=f"{PRISMA_TESTS}test_what_sql_writes_prisma_reads[express-javascript]",
        why="the service would not start",
    ),
    Mutant(
        name="in JavaScript a generated client is looked for under another name",
        file="tools/strip_types.cjs",
        old="(?<!\\/generated\\/[\\w/-]+)",
        new="",
        test=f"{FAST}test_pages_are_shaped_and_their_javascript_form_is_current",
        why="the page in JavaScript would import a file that no generator writes",
    ),
    Mutant(
        name="what JavaScript alone needs is left out of its page",
        file="tools/recipe_pages.py",
        old='if language == "typescript" else f"```diff\\n{fence[2]}```"',
        new='if language == "typescript" else ""',
        test=f"{FAST}test_pages_are_shaped_and_their_javascript_form_is_current",
        why="whoever follows it would have no client in production",
    ),
    Mutant(
        name="in JavaScript the worker of jobs starts what a compiler would have written",
        file="tools/recipe_pages.py",
        old="started_from_sources(text) if language",
        new="str(text) if language",
        test=f"{FAST}test_pages_are_shaped_and_their_javascript_form_is_current",
        why="a worker that has no dist/ ends at once, again and again",
    ),
    Mutant(
        name="nobody hears that notifications may be lost",
        file=LIVE,
        old="await client.query(`LISTEN ${channel}`).then(told);",
        new="await client.query(`LISTEN ${channel}`);",
        test=f"{LIVE_TESTS}test_a_connection_that_is_cut_is_opened_anew[express-typescript]",
        why="pages would keep what changed while the connection was away, until the next change",
    ),
    Mutant(
        name="a connection for notifications is never asked for an answer",
        file=LIVE,
        old="await client.query(PING).then(() => sleep(2000));",
        new="await sleep(2000);",
        test=f"{LIVE_TESTS}test_a_connection_that_is_cut_is_opened_anew[express-typescript]",
        why="after a restart of the database no replica would hear of a change again",
    ),
    Mutant(
        name="a cut connection for notifications ends the process",
        file=LIVE,
        old=".on('error', () => {});",
        new=";",
        test=f"{LIVE_TESTS}test_a_connection_that_is_cut_is_opened_anew[express-typescript]",
        why="all replicas would crash at once when the database restarts",
    ),
    Mutant(
        name="a deletion is told to nobody",
        file=LIVE,
        old="AFTER INSERT OR UPDATE OR DELETE",
        new="AFTER INSERT OR UPDATE",
        test=f"{LIVE_TESTS}test_a_change_is_heard_from_every_replica[express-typescript]",
        why="pages would show what is gone",
    ),
    Mutant(
        name="a page that comes back asks for nothing",
        file=LIVE,
        old="events.onopen = events.onmessage =",
        new="events.onmessage =",
        test=f"{LIVE_TESTS}test_an_open_page_shows_it_and_disturbs_nobody[express-typescript]",
        why="after a roll-out a page would lack what happened meanwhile",
    ),
    Mutant(
        name="a change elsewhere takes the keyboard's place away",
        file=LIVE,
        old="querySelector('button').focus();",
        new="querySelector('button');",
        test=f"{LIVE_TESTS}test_an_open_page_shows_it_and_disturbs_nobody[express-typescript]",
        why="whoever uses the page by keyboard would begin anew at each note of somebody else",
    ),
]
