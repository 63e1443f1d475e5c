"""Mutants of the recipe for uploads."""

from __future__ import annotations

from mutants.mutant import Mutant

PAGE = "docs/recipes/upload.md"
TESTS = "docker/recipes/test_upload.py::"

MUTANTS = [
    Mutant(
        name="an upload is answered before its file is written",
        file=PAGE,
        old="+  await written;\n",
        new="+  await Promise.race([written, null]);\n",
        test=f"{TESTS}test_a_full_disk_is_a_logged_500_and_keeps_no_half[http-typescript]",
        why="what was answered 201 would be half a file",
    ),
    Mutant(
        name="an upload that fails leaves its half",
        file=PAGE,
        old="+    await rm(`${path}.part`, { force: true });\n",
        new="+    await stat(path).catch(() => null);\n",
        test=f"{TESTS}test_a_full_disk_is_a_logged_500_and_keeps_no_half[http-typescript]",
        why="a disk that was full once would stay so",
    ),
    Mutant(
        name="who left before the upload began is not noticed",
        file=PAGE,
        old="+  finished(req).catch(() => form.destroy(new HttpError(400, 'the body is incomplete')));\n",
        new="+  req.on('error', () => form.destroy(new HttpError(400, 'the body is incomplete')));\n",
        test=f"{TESTS}test_a_sender_who_leaves_leaves_nothing[http-typescript]",
        why="halves and open files would pile up",
    ),
    Mutant(
        name="a second file of a form is passed over",
        file=PAGE,
        old="+  form.on('filesLimit', () => form.destroy(",
        new="+  form.on('fieldLimit', () => form.destroy(",
        test=f"{TESTS}test_what_is_not_one_file_is_a_400[http-typescript-two files]",
        why="a sender would believe that both are stored",
    ),
    Mutant(
        name="a file that is cut at the limit is stored",
        file=PAGE,
        old="+    file.on('limit', () => form.destroy(new HttpError(413)));\n",
        new="+    file.on('limit', () => form.emit('limit'));\n",
        test=f"{TESTS}test_too_large_is_a_413[http-typescript]",
        why="what was answered 201 would be half a file",
    ),
    Mutant(
        name="an error of the disk is the client's fault",
        file=PAGE,
        old="+    throw code || error instanceof HttpError ? error :",
        new="+    throw code === '' || error instanceof HttpError ? error :",
        test=f"{TESTS}test_a_full_disk_is_a_logged_500_and_keeps_no_half[http-typescript]",
        why="nobody would hear of a full disk",
    ),
    Mutant(
        name="a start removes the halves of other replicas",
        file=PAGE,
        old="+    if (mtimeMs < Date.now() - DAY_MS) await rm(",
        new="+    if (mtimeMs < Date.now() + DAY_MS) await rm(",
        test=f"{TESTS}test_a_start_removes_what_a_crash_left_long_ago[http-typescript]",
        why="a roll-out would break the uploads that are under way",
    ),
    Mutant(
        name="any name of the volume can be asked for",
        file=PAGE,
        old="if (!/^[\\da-f-]{36}$/.test(id)) throw",
        new="if (!id) throw",
        test=f"{TESTS}test_what_is_not_there_is_a_404[http-typescript-..]",
        why="a path such as ../etc/passwd would be sent",
    ),
]
