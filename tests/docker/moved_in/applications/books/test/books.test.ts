// The routes, with the database of docker-compose.yml.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import type { AddressInfo } from 'node:net';
import { app } from '#app.js';
import { prisma } from '#data/client.js';

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

after(async () => {
  server.close();
  await prisma.$disconnect();
});

function add(book: object) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${origin}/books`, { method: 'POST', headers, body: JSON.stringify(book) });
}

test('a book is kept and found', async () => {
  const added = await add({ title: 'Odes', shelf: 'poems' });
  assert.equal(added.status, 201);
  const found = (await (await fetch(`${origin}/books?title=ode`)).json()) as { shelf: string }[];
  assert.equal(found[0].shelf, 'poems');
});

test('there are two shelves', async () => {
  assert.equal((await add({ title: 'Odes', shelf: 'maps' })).status, 400);
});
