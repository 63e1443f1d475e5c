// Reports; the routes, with the Redis of docker-compose.yml.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { app } from '../src/app.js';
import { reports } from '../src/reports.js';
import { report } from '../src/report.js';

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;

after(async () => {
  server.close();
  await reports.close();
});

test('words are counted', () => {
  assert.deepEqual(report({ text: ' a  report ' }), { words: 2, longest: 'report' });
  assert.deepEqual(report({ text: '' }), { words: 0, longest: '' });
});

test('an order waits for the worker', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = '{"text":"a"}';
  const ordered = await fetch(`${origin}/reports`, { method: 'POST', headers, body });
  assert.equal(ordered.status, 202);
  const { id } = await ordered.json();
  assert.equal((await fetch(`${origin}/reports/${id}`)).status, 200);
  assert.equal((await fetch(`${origin}/reports/none`)).status, 404);
});
