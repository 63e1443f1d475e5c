// What browsers see of the service: the page, its headers, and nothing outside of its folder.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { fileHeaders } from '../src/service/files.js';
import { createLogger } from '../src/service/logger.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
let server;

before(async () => {
  const config = loadConfig({});
  const status = { ready: true, draining: false };
  ({ server } = await createApp({ config, logger: createLogger('silent'), status }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

after(() => {
  server.close();
  server.closeAllConnections();
});

/** Asks for a path, which no client library tidies; returns status, headers and body. */
async function ask(path, headers = {}, method = 'GET') {
  const { port } = server.address();
  const request = http.request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = await once(request, 'response');
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, body };
}

test('GET / is the page for a browser, and the greeting for all others', async () => {
  const page = await ask('/', { accept: BROWSER });
  assert.equal(page.status, 200);
  assert.match(String(page.headers['content-type']), /^text\/html; ?charset=utf-8$/i);
  assert.match(page.body, /^<!doctype html>/);
  const greeting = await ask('/', { accept: '*/*' });
  assert.match(greeting.body, /^Hello/);
  assert.equal(greeting.headers['cache-control'], 'no-store');
  for (const { headers } of [page, greeting]) assert.match(String(headers.vary), /(^|, )accept$/i);
  assert.equal((await ask('/', { accept: BROWSER }, 'HEAD')).headers.etag, page.headers.etag);
});

test('a page may load what is its own; a file is asked for each time, in parts too', async () => {
  const { headers } = await ask('/index.html');
  assert.match(String(headers['content-security-policy']), /^default-src 'self';base-uri 'none';/);
  assert.equal(headers['cache-control'], 'no-cache');
  for (const path of ['/style.css', '/main.js']) {
    const file = await ask(path);
    assert.equal(file.status, 200);
    const again = await ask(path, { 'if-none-match': String(file.headers.etag) });
    assert.equal(again.status, 304);
    const part = await ask(path, { range: 'bytes=-5' });
    assert.deepEqual([part.status, part.body], [206, file.body.slice(-5)]);
  }
});

test('a name with a hash in it is kept for ever', () => {
  const cacheOf = (path) => fileHeaders(path)['cache-control'];
  for (const path of ['/app.0123abcd.js', '/font-0123456789abcdef.woff2']) {
    assert.equal(cacheOf(path), 'public, max-age=31536000, immutable');
  }
  const others = ['/index.html', '/my-background.png', '/0123abcd/main.js', '/a.0123.js'];
  for (const path of [...others, '/terms-20260101.html', '/upload-1767225600000.png']) {
    assert.equal(cacheOf(path), 'no-cache');
  }
});

test('no path leads out of the folder, none to a dot file; the API keeps its errors', async () => {
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/.git/config',
    '/none.css',
  ]) {
    const { status, headers } = await ask(path);
    assert.ok(status === 404 || status === 403 || status === 400, `${path}: ${status}`);
    assert.equal(headers['content-type'], 'application/problem+json', path);
  }
  assert.equal((await ask('/none', {}, 'POST')).status, 404);
  assert.equal((await ask('/echo')).headers['cache-control'], 'no-store');
});
