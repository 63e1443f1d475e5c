// What clients see of the notes, over real connections, with a real database.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { onClose, onStart } from '../src/database.ts';
import { createLogger } from '../src/service/logger.ts';
import { freshDatabase } from './fresh-database.ts';
import { migrate } from './migrating.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let server: Server;
let origin: string;

before(async () => {
  database = await freshDatabase();
  assert.equal((await migrate(database.env)).code, 0);
  const status = { ready: true, draining: false };
  const context = { config: loadConfig(database.env), logger: createLogger('silent'), status };
  await onStart(context);
  ({ server } = await createApp(context));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  server.close();
  server.closeAllConnections();
  await onClose();
  await database.remove();
});

/** Asks the service; returns the status, the headers and the body, parsed if there is one. */
async function ask(path: string, options?: RequestInit) {
  const response = await fetch(origin + path, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

function post(body: unknown, headers = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = { 'content-type': 'application/json' };
  return ask('/notes', { method: 'POST', body: text, headers: { ...type, ...headers } });
}

function assertProblem({ status, headers, body }: Awaited<ReturnType<typeof ask>>, code: number) {
  assert.equal(status, code, JSON.stringify(body));
  assert.equal(headers.get('content-type'), 'application/problem+json');
  assert.equal(body.status, code);
}

test('a note is created, read and deleted', async () => {
  const text = "'); DROP TABLE notes; -- \u{1F4DD}";
  const { status, headers, body } = await post({ text });
  assert.equal(status, 201);
  assert.equal(body.text, text);
  assert.match(body.id, /^\d+$/);
  assert.ok(Math.abs(Date.parse(body.createdAt) - Date.now()) < 60_000);
  const path = String(headers.get('location'));
  assert.equal(path, `/notes/${body.id}`);
  assert.deepEqual((await ask(path)).body, body);
  assert.deepEqual((await ask(`${path}?more=1`)).body, body);
  assert.equal((await ask(path, { method: 'DELETE' })).status, 204);
  assertProblem(await ask(path), 404);
  assertProblem(await ask(path, { method: 'DELETE' }), 404);
});

test('a note that is not in the schema is refused, and the field named', async () => {
  const texts = [undefined, 1, null, '', 'x'.repeat(1001), 'a\0b', '\ud800'];
  for (const body of [...texts.map((text) => ({ text })), { text: 'a', more: 1 }, []]) {
    const response = await post(body);
    assertProblem(response, 400);
    assert.match(response.body.detail, /text|body/);
  }
  for (const body of ['{', 'null', '']) assertProblem(await post(body), 400);
  assertProblem(await post('text', { 'content-type': 'text/plain' }), 415);
  assert.equal((await post({ text: '\u{1F4DD}'.repeat(1000) })).status, 201);
});

test('the list comes in pages, the newest first, and a cursor leads through it', async () => {
  const created: string[] = [];
  for (let number = 0; number < 12; number++) {
    created.unshift((await post({ text: `note ${number}` })).body.id);
  }
  const first = (await ask('/notes?limit=5')).body;
  await post({ text: 'while somebody reads' });
  const second = (await ask(`/notes?limit=5&before=${first.next}`)).body;
  const ids = [...first.notes, ...second.notes].map(({ id }) => id);
  assert.deepEqual(ids, created.slice(0, 10));
  const all = (await ask('/notes?limit=100&more=1')).body;
  assert.ok(all.notes.length > 12);
  assert.equal(all.next, null);
  assert.equal((await ask(`/notes?limit=100&before=${all.notes.at(-1).id}`)).body.notes.length, 0);
  assert.equal((await ask('/notes')).body.notes.length, Math.min(20, all.notes.length));
});

test('a page that cannot be is refused, and the parameter named', async () => {
  for (const limit of ['0', '101', '1.5', 'a', '']) {
    const response = await ask(`/notes?limit=${limit}`);
    assertProblem(response, 400);
    assert.match(response.body.detail, /limit/);
  }
  const response = await ask('/notes?before=abc');
  assertProblem(response, 400);
  assert.match(response.body.detail, /before/);
});

test('a request that is repeated with its key makes one note', async () => {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const responses = await Promise.all(Array.from({ length: 5 }, () => post({ text: 'one' }, key)));
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([201]));
  assert.equal(new Set(responses.map(({ body }) => body.id)).size, 1);
  assertProblem(await post({ text: 'another' }, key), 409);
  const bad = await post({ text: 'one' }, { 'idempotency-key': 'a b' });
  assertProblem(bad, 400);
  assert.match(bad.body.detail, /idempotency-key/);
});

test('other paths and methods are 404 and 405; HEAD and OPTIONS work', async () => {
  for (const path of ['/notes/abc', '/notes/0', '/notes/1e3', `/notes/${'9'.repeat(18)}`]) {
    assertProblem(await ask(path), 404);
    assertProblem(await ask(path, { method: 'DELETE' }), 404);
  }
  const { body: note } = await post({ text: 'here' });
  for (const path of [`/notes/${note.id}/more`, '/notes/']) assertProblem(await ask(path), 404);
  const wrong = await ask('/notes/1', { method: 'PUT' });
  assertProblem(wrong, 405);
  assert.equal(wrong.headers.get('allow'), 'DELETE, GET, HEAD, OPTIONS');
  const options = await ask('/notes?limit=1', { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('allow'), 'GET, HEAD, OPTIONS, POST');
  assert.equal((await ask('/notes', { method: 'HEAD' })).status, 200);
});
