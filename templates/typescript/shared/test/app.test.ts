// What clients see of the application: its routes, over real connections on an ephemeral port.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { createLogger } from '../src/service/logger.ts';

let server: Server;
let origin: string;

before(async () => {
  const config = loadConfig({
    BODY_LIMIT_BYTES: '2000',
  });
  const status = { ready: true, draining: false };
  ({ server } = await createApp({ config, logger: createLogger('silent'), status }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

/** Asks the service; returns the status, the headers and the body as text. */
async function ask(path: string, options?: RequestInit & { duplex?: 'half' }) {
  const response = await fetch(origin + path, options);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** POSTs a body to /echo, as JSON unless told otherwise. */
function echo(
  body: RequestInit['body'],
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  return ask('/echo', { method: 'POST', body, headers, duplex: 'half' });
}

function assertProblem(response: Awaited<ReturnType<typeof ask>>, status: number) {
  assert.equal(response.status, status);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(JSON.parse(response.body).status, status);
}

test('GET / greets', async () => {
  const { status, headers, body } = await ask('/');
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(body, 'Hello, Docker Multi-Stage Build!\n');
});

test('POST /echo returns a valid message', async () => {
  const { status, body } = await echo('{"message":"hi"}');
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), { message: 'hi' });
});

test('POST /echo refuses what is not in its schema', async () => {
  const invalid = [
    [],
    {},
    { message: 1 },
    { message: '' },
    { message: 'a', b: 1 },
    { message: 'x'.repeat(1001) },
  ];
  for (const body of ['', '{', 'null', ...invalid.map((value) => JSON.stringify(value))]) {
    assertProblem(await echo(body), 400);
  }
});

test('bodies: too large is 413, also in chunks', async () => {
  const large = JSON.stringify({ message: 'x'.repeat(3000) });
  assertProblem(await echo(large), 413);
  assertProblem(await echo(new Blob([large]).stream()), 413);
});

test('bodies: another media type or compression is 415', async () => {
  const json = 'application/json';
  assertProblem(await echo('hi', { 'content-type': 'text/plain' }), 415);
  assertProblem(await echo('a=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415);
  assertProblem(await echo('{}', { 'content-type': json, 'content-encoding': 'gzip' }), 415);
});

test('a long path holds nobody up', async () => {
  const began = performance.now();
  const path = `/${'a'.repeat(15_000)}/`;
  await Promise.all(Array.from({ length: 20 }, () => ask(path)));
  assert.ok(performance.now() - began < 2000);
});

test('an unknown path is 404, a wrong method 405 with Allow; HEAD and OPTIONS work', async () => {
  assertProblem(await ask('/nothing'), 404);
  const wrong = await ask('/echo');
  assertProblem(wrong, 405);
  assert.equal(wrong.headers.get('allow'), 'OPTIONS, POST');
  const length = (await ask('/')).headers.get('content-length');
  assert.ok(Number(length) > 0);
  assert.equal((await ask('/', { method: 'HEAD' })).headers.get('content-length'), length);
  const options = await ask('/', { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('allow'), 'GET, HEAD, OPTIONS');
});

test('every response has the security headers and a request id', async () => {
  for (const path of ['/', '/nothing']) {
    const { headers } = await ask(path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    const policy = headers.get('content-security-policy');
    assert.equal(policy, "default-src 'none';frame-ancestors 'none'");
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-powered-by'), null);
    assert.match(headers.get('x-request-id') ?? '', /^[\w.-]+$/);
  }
});
