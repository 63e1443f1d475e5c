// A note is kept and found.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { app } from '../src/app.js';

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

test('a note is found by its address', async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ title: 'Milk & bread', text: 'buy' });
  const kept = await fetch(`${origin}/notes`, { method: 'PUT', headers, body });
  assert.deepEqual(await kept.json(), { address: 'milk-and-bread' });
  assert.equal((await fetch(`${origin}/notes/milk-and-bread`)).status, 200);
  assert.equal((await fetch(`${origin}/notes/none`)).status, 404);
});
