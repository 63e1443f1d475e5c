"""Mutants of the recipe for uploads."""

from __future__ import annotations

from mutants.mutant import Mutant

PAGE = "docs/recipes/upload.md"
TESTS = "docker/recipes/test_upload.py::"
# Where express has it.
MALFORMED = "+        throw error.code || error.constructor !== Error ? error : new HttpError(400); // malformed\n"

MUTANTS = [
    Mutant(
        name="a file of an upload may have any size",
        file=PAGE,
        old="+  const limits = { files: 1, fields: 0, fileSize: config.uploadLimit };\n"
        "+  const readForm = promisify(multer({ dest: config.uploadFolder, limits }).single('file'));\n+\n"
        "+  async function upload(",
        new="+  const limits = { files: 1, fields: 0, fileSize: 2 ** 40 };\n"
        "+  const readForm = promisify(multer({ dest: config.uploadFolder, limits }).single('file'));\n+\n"
        "+  async function upload(",
        test=f"{TESTS}test_too_large_is_a_413[http-typescript]",
        why="one sender could fill the disk",
    ),
    Mutant(
        name="a malformed form is a fault of the service",
        file=PAGE,
        old=MALFORMED,
        new="+        throw error;\n",
        test=f"{TESTS}test_what_is_not_one_file_is_a_400[express-typescript-no end]",
        why="anybody could fill the log with errors that are none",
    ),
    Mutant(
        name="an error of the disk is the client's fault",
        file=PAGE,
        old=MALFORMED,
        new="+        throw error.constructor !== Error ? error : new HttpError(400);\n",
        test=f"{TESTS}test_a_full_disk_is_a_logged_500_and_what_is_answered_is_whole[express-typescript]",
        why="nobody would hear of a full disk",
    ),
    Mutant(
        name="what an owner's check of a file throws is a malformed form",
        file=PAGE,
        old=MALFORMED,
        new="+        throw error.code ? error : new HttpError(400);\n",
        test=f"{TESTS}test_what_an_owners_check_throws_keeps_its_status[express-typescript-of its file]",
        why="who may not send it would be told that the form is malformed, and mistakes would not be logged",
    ),
    Mutant(
        name="a form without a file is stored",
        file=PAGE,
        old="+      if (!file) throw new HttpError(400, 'a file is missing');\n"
        "+      res.status(201).json({ id: file.filename, size: file.size });\n",
        new="+      res.status(201).json({ id: file?.filename, size: file?.size });\n+\n",
        test=f"{TESTS}test_what_is_not_one_file_is_a_400[express-typescript-no part]",
        why="a sender would believe that something is stored",
    ),
    Mutant(
        name="a body of another type passes for a stored file",
        file=PAGE,
        old="+  app.post('/files', ({ raw }, reply) => {\n+    const { file } = raw as {",
        new="+  app.post('/files', ({ body, raw }, reply) => {\n"
        "+    const { file = body as Express.Multer.File } = raw as {",
        test=f"{TESTS}test_what_is_no_form_is_refused_and_other_routes_take_none[fastify-typescript]",
        why="a client could have an id of its own choice answered, for a file that is not there",
    ),
    Mutant(
        name="upload changes a line that a project with SQLite has otherwise",
        file="docs/recipes/upload.md",
        old="--- /dev/null\n+++ b/compose.override.yaml\n@@ -0,0 +1,5 @@\n",
        new='--- a/compose.yaml\n+++ b/compose.yaml\n@@ -18 +18,6 @@\n     # volumes: ["data:/data"]\n',
        test="bake/test_recipes.py::test_all_that_need_no_postgres_apply_to_one_with_sqlite[http-typescript]",
        why="whoever chose SQLite would add the volume, and the rest of the recipe, by hand",
    ),
]
