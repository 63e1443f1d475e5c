"""Mutants of the answer pages: what is served, how browsers keep it, and the page itself."""

from __future__ import annotations

from mutants.mutant import Mutant

FILES = "templates/typescript/shared/src/service/files.ts"
PUBLIC = "project/public"
OWN = "bake/test_pages.py::test_the_projects_own_checks_pass"
IN_CONTAINER = "docker/pages/test_files.py::"
BROWSER = "docker/pages/test_browser.py::"
EXPRESS = "[express-javascript]"

MUTANTS = [
    Mutant(
        name="any long word in a name counts as a hash",
        file=FILES,
        old=r"/[.-][\da-f]{8,}\.\w+$/",
        new=r"/[.-]\w{8,}\.\w+$/",
        test=f"{OWN}[http---run-test]",
        why="browsers would keep my-photograph.png for a year, whatever replaces it",
    ),
    Mutant(
        name="a page may load what it likes",
        file=FILES,
        old="path.endsWith('.html') ?",
        new="path.endsWith('.htm') ?",
        test=f"{OWN}[http---run-test]",
        why="a script that somebody smuggles into a page would run",
    ),
    Mutant(
        name="what / answers does not vary by what is asked for",
        file="templates/typescript/http/src/routes.ts",
        old="    res.setHeader('vary', 'accept');\n",
        new="",
        test=f"{OWN}[http---run-test]",
        why="a cache would show the greeting to browsers, or the page to curl",
    ),
    Mutant(
        name="browsers are greeted in plain text",
        file="templates/typescript/express/src/routes.ts",
        old="wantsPage(req.headers.accept) ? 'route' : undefined",
        new="wantsPage(req.headers.host) ? 'route' : undefined",
        test=f"{OWN}[express---run-test]",
        why="nobody would see the page",
    ),
    Mutant(
        name="fastify answers 405 for paths that nothing has",
        file="templates/typescript/fastify/src/app.ts",
        old="route && !('*' in route.params) && other",
        new="route && other",
        test=f"{OWN}[fastify---run-test]",
        why="a mistyped path would look like a mistyped method",
    ),
    Mutant(
        name="fastify serves dot files",
        file="templates/typescript/fastify/src/pages.ts",
        old="    dotfiles: 'ignore',\n",
        new="",
        test=f"{IN_CONTAINER}test_no_dot_files_and_no_way_out[fastify-typescript-/.secret]",
        why="a .git or .env that gets into public/ would be read by anybody",
    ),
    Mutant(
        name="files have the times of a checkout",
        file="project/Dockerfile",
        old="    node /scripts/times.mjs public\n",
        new="    node --check /scripts/times.mjs public\n",
        test=f"{IN_CONTAINER}test_the_image_holds_them_dated_by_their_content{EXPRESS}",
        why="every release would send every file anew, and where times are constant, none",
    ),
    Mutant(
        name="the image lacks the files",
        file="project/Dockerfile",
        old="COPY --from=pages --chmod=555 /app/public public\n",
        new="",
        test=f"{IN_CONTAINER}test_a_browser_gets_the_page_and_curl_the_greeting{EXPRESS}",
        why="the page would be there in development only",
    ),
    Mutant(
        name="the page has a style of its own line",
        file=f"{PUBLIC}/index.html",
        old='<p id="greeting">',
        new='<p id="greeting" style="color: gray">',
        test=f"{BROWSER}test_nothing_is_wrong_and_nothing_comes_from_elsewhere[express-javascript-light]",
        why="the browser would refuse it, in production only",
    ),
    Mutant(
        name="the page loads a style from another host",
        file=f"{PUBLIC}/index.html",
        old='    <link rel="stylesheet" href="style.css">\n',
        new='    <link rel="stylesheet" href="style.css">\n    <link rel="stylesheet" href="http://other.invalid/a.css">\n',
        test=f"{BROWSER}test_nothing_is_wrong_and_nothing_comes_from_elsewhere[express-javascript-light]",
        why="another host would learn who looks at the page",
    ),
    Mutant(
        name="the page's quiet text is too pale",
        file=f"{PUBLIC}/style.css",
        old="--quiet: light-dark(#57606a, #a3adb8);",
        new="--quiet: light-dark(#b0b8c0, #a3adb8);",
        test=f"{BROWSER}test_it_has_no_barriers[express-javascript-light]",
        why="many could not read it",
    ),
    Mutant(
        name="the field has no label",
        file=f"{PUBLIC}/index.html",
        old='<label for="message">',
        new='<label for="messages">',
        test=f"{BROWSER}test_it_has_no_barriers[express-javascript-light]",
        why="who listens to the page would not know what to type",
    ),
    Mutant(
        name="nothing shows where the focus is",
        file=f"{PUBLIC}/style.css",
        old="  outline: 3px solid var(--accent);\n",
        new="  outline: none;\n",
        test=f"{BROWSER}test_it_is_used_by_keyboard_and_shows_where_the_focus_is[express-javascript-light]",
        why="who uses the keyboard would be lost",
    ),
    Mutant(
        name="the page shows an answer as markup",
        file=f"{PUBLIC}/main.js",
        old="    answer.textContent = `The service says: ${message}`;\n",
        new="    answer.innerHTML = `The service says: ${message}`;\n",
        test=f"{BROWSER}test_it_greets_and_answers[express-javascript-light]",
        why="what one person stores would run in the browser of another",
    ),
    Mutant(
        name="the page is wider than a phone",
        file=f"{PUBLIC}/style.css",
        old="  max-width: 40rem;\n",
        new="  min-width: 40rem;\n",
        test=f"{BROWSER}test_it_is_no_wider_than_the_screen[express-javascript-phone]",
        why="on a phone one would have to scroll sideways",
    ),
    Mutant(
        name="the page is always light",
        file=f"{PUBLIC}/style.css",
        old="  color-scheme: light dark;\n",
        new="  color-scheme: light;\n",
        test=f"{BROWSER}test_it_is_dark_where_that_is_asked_for{EXPRESS}",
        why="it would blind at night",
    ),
]
