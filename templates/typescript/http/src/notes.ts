// The notes: an example resource, to copy or to delete with what it uses.
import type { ServerResponse } from 'node:http';
import type { Config } from './config.ts';
import {
  createNote,
  deleteNote,
  listNotes,
  parseKey,
  parseNote,
  parsePage,
  readNote,
} from './notes-store.ts';
import { readJson } from './routes.ts';
import type { Context, Handler, Request } from './service/server.ts';

function sendJson(res: ServerResponse, status: number, value: unknown) {
  const body = JSON.stringify(value);
  const length = Buffer.byteLength(body);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': length };
  res.writeHead(status, headers).end(body);
}

const urlOf = (req: Request) => new URL(req.url, 'http://localhost');
const idOf = (req: Request) => req.url.split('?', 1)[0].split('/')[2];

/** Builds the table: path → method → handler. */
export function createNotes({ config }: Context<Config>) {
  async function list(req: Request, res: ServerResponse) {
    const { limit, before } = parsePage(Object.fromEntries(urlOf(req).searchParams));
    sendJson(res, 200, await listNotes(limit, before));
  }

  async function create(req: Request, res: ServerResponse) {
    const text = parseNote(await readJson(req, config.bodyLimitBytes));
    const note = await createNote(text, parseKey(req.headers['idempotency-key']));
    res.setHeader('location', `/notes/${note.id}`);
    sendJson(res, 201, note);
  }

  async function read(req: Request, res: ServerResponse) {
    sendJson(res, 200, await readNote(idOf(req)));
  }

  async function remove(req: Request, res: ServerResponse) {
    await deleteNote(idOf(req));
    res.writeHead(204).end();
  }

  return new Map<string, Record<string, Handler>>([
    ['/notes', { GET: list, POST: create }],
    ['/notes/:id', { GET: read, DELETE: remove }],
  ]);
}
