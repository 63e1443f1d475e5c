// The notes: an example resource, to copy or to delete with what it uses.
import {
  createNote,
  deleteNote,
  listNotes,
  parseKey,
  parseNote,
  parsePage,
  readNote,
} from './notes-store.js';
import { readJson } from './routes.js';

function sendJson(res, status, value) {
  const body = JSON.stringify(value);
  const length = Buffer.byteLength(body);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': length };
  res.writeHead(status, headers).end(body);
}

const urlOf = (req) => new URL(req.url, 'http://localhost');
const idOf = (req) => req.url.split('?', 1)[0].split('/')[2];

/** Builds the table: path → method → handler. */
export function createNotes({ config }) {
  async function list(req, res) {
    const { limit, before } = parsePage(Object.fromEntries(urlOf(req).searchParams));
    sendJson(res, 200, await listNotes(limit, before));
  }

  async function create(req, res) {
    const text = parseNote(await readJson(req, config.bodyLimitBytes));
    const note = await createNote(text, parseKey(req.headers['idempotency-key']));
    res.setHeader('location', `/notes/${note.id}`);
    sendJson(res, 201, note);
  }

  async function read(req, res) {
    sendJson(res, 200, await readNote(idOf(req)));
  }

  async function remove(req, res) {
    await deleteNote(idOf(req));
    res.writeHead(204).end();
  }

  return new Map([
    ['/notes', { GET: list, POST: create }],
    ['/notes/:id', { GET: read, DELETE: remove }],
  ]);
}
