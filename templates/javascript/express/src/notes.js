// The notes: an example resource, to copy or to delete with what it uses.
import express from 'express';
import {
  createNote,
  deleteNote,
  listNotes,
  parseKey,
  parseNote,
  parsePage,
  readNote,
} from './notes-store.js';
import { acceptJson, only } from './routes.js';

/** Builds the router. */
export function createNotes({ config }) {
  const limit = config.bodyLimitBytes;
  const router = express.Router({ caseSensitive: true, strict: true });
  const parseJson = express.json({ inflate: false, limit });

  router
    .route('/notes')
    .get(async (req, res) => {
      const page = parsePage(req.query);
      res.json(await listNotes(page.limit, page.before));
    })
    .post(acceptJson(limit), parseJson, async (req, res) => {
      const note = await createNote(parseNote(req.body), parseKey(req.headers['idempotency-key']));
      res.status(201).location(`/notes/${note.id}`).json(note);
    })
    .all(only('GET, HEAD, OPTIONS, POST'));

  router
    .route('/notes/:id')
    .get(async (req, res) => {
      res.json(await readNote(req.params.id));
    })
    .delete(async (req, res) => {
      await deleteNote(req.params.id);
      res.status(204).end();
    })
    .all(only('DELETE, GET, HEAD, OPTIONS'));

  return router;
}
