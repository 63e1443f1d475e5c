// The server, with routes of its own: what happens to every request, errors, and the drain.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { HttpError } from '../../src/service/errors.js';
import { createServer } from '../../src/service/server.js';
import { readers, serviceSettings } from '../../src/service/settings.js';

const AGENT = new http.Agent({ keepAlive: true });

/** A listening server; handlers of other paths than these wait for the test. */
async function start(more = {}) {
  const lines = [];
  const log = (line) => lines.push(line);
  const logger = {
    info: log,
    warn: log,
    error: log,
    isLevelEnabled: () => true,
  };
  const status = { ready: true, draining: false };
  const context = { config: serviceSettings(readers({})), logger, status, ...more };
  const { server, drain } = createServer(context, (req, res) => {
    if (req.url === '/') return res.end('done');
    if (req.url === '/fault') {
      req.url = '/'; // as express does below a mounted path
      throw Object.assign(new Error('secret'), { status: 401 });
    }
    if (req.url === '/body') return req.toArray();
    if (req.url === '/teapot') throw new HttpError(418, 'short and stout');
    return server.emit('handling', res);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  return { server, context, status, drain, lines, port };
}

/** Requests a path on a kept-alive connection; resolves when the response's head is there. */
async function get(port, path, headers = {}) {
  const options = { host: '127.0.0.1', port, path, agent: AGENT, headers };
  const [response] = await once(http.get(options), 'response');
  return response;
}

/** Sends raw bytes; returns all that comes back until the service closes the connection. */
async function raw(port, bytes) {
  const socket = net.connect(port, '127.0.0.1');
  socket.end(bytes);
  return (await socket.setEncoding('utf8').toArray()).join('');
}

const textOf = async (response) => (await response.toArray()).join('');

test('drain finishes what is in flight, with Connection: close if it is not too late', async () => {
  const { server, status, drain, port } = await start();
  const beginning = net.connect(port, '127.0.0.1').on('error', () => {});
  beginning.write('GET / HTTP/1.1\r\nHos');
  await once(server, 'connection');
  (await get(port, '/')).resume();
  const streamed = get(port, '/stream');
  const [begun] = await once(server, 'handling');
  begun.write('half');
  const waiting = get(port, '/wait');
  const [second] = await once(server, 'handling');

  const drained = drain();
  assert.deepEqual(status, { ready: false, draining: true });
  await new Promise((resolve) => setTimeout(resolve, 300));
  second.end('done');
  assert.equal((await waiting).headers.connection, 'close');
  assert.equal(await textOf(await waiting), 'done');
  begun.end('done');
  assert.equal((await streamed).headers.connection, 'keep-alive');
  assert.equal(await textOf(await streamed), 'halfdone');
  const finished = performance.now();
  await drained;
  assert.ok(performance.now() - finished < 500);
});

test('drain answers what open connections still send, also several requests at once', async () => {
  const { server, drain, port } = await start();
  const socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  const drained = drain();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
  const text = (await socket.toArray()).join('');
  assert.equal(text.match(/HTTP\/1.1 200 /g)?.length, 3);
  assert.equal(text.match(/^connection: close/gim)?.length, 1);
  await drained;
  assert.equal(server.listening, false);
});

test('drain answers a request that comes behind one in flight on its connection', async () => {
  const { server, drain, port } = await start();
  const socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\n');
  const [first] = await once(server, 'handling');
  const drained = drain();
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.write('GET /second HTTP/1.1\r\nHost: a\r\n\r\n');
  const [second] = await once(server, 'handling');
  first.end('one');
  setTimeout(() => second.end('two'), 100);
  assert.match((await socket.toArray()).join(''), /keep-alive.*one.*connection: close.*two/s);
  await drained;
});

test('drain ends streams by the hook, and waits for it', async () => {
  const { server, drain, port } = await start();
  const streamed = get(port, '/stream');
  const [begun] = await once(server, 'handling');
  begun.write('event');
  await drain(() => begun.end('bye'));
  assert.equal(await textOf(await streamed), 'eventbye');
});

test('a fault is a bare 500 and logged whole, whatever its status; probes are not', async () => {
  const { drain, port, lines } = await start();
  (await get(port, '/livez')).resume();
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
  const response = await get(port, '/fault', headers);
  const body = await textOf(response);
  assert.equal(response.statusCode, 500);
  assert.ok(!body.includes('secret'));
  await drain();
  const [fault, line] = lines;
  assert.equal(fault.err?.message, 'secret');
  const id = response.headers['x-request-id'];
  const { ms, ...rest } = JSON.parse(JSON.stringify(line));
  assert.ok(ms >= 0);
  const expected = { id, trace_id: trace, method: 'GET', path: '/fault', status: 500 };
  assert.deepEqual(rest, expected);
  assert.deepEqual([fault.id, fault.trace_id], [id, trace]);
});

test('an HttpError is sent, not logged as a fault; log fields can be added', async () => {
  const logFields = ({ url }) => ({ length: url.length });
  const { drain, port, lines } = await start({ logFields });
  const response = await get(port, '/teapot', { traceparent: 'invalid' });
  assert.equal(response.statusCode, 418);
  assert.equal(JSON.parse(await textOf(response)).detail, 'short and stout');
  await drain();
  assert.equal(lines.length, 1);
  assert.partialDeepStrictEqual(lines[0], { status: 418, length: 7, trace_id: undefined });
});

test('/livez is always 200, /readyz while the service and what it needs are ready', async () => {
  let healthy = true;
  const { server, status, port } = await start({ isReady: () => healthy });
  const statusOf = async (path) => (await get(port, path)).resume().statusCode;
  assert.equal(await statusOf('/readyz'), 200);
  healthy = false;
  assert.equal(await statusOf('/readyz'), 503);
  healthy = true;
  status.ready = false;
  assert.equal(await statusOf('/readyz'), 503);
  assert.equal(await statusOf('/livez'), 200);
  assert.match(await raw(port, 'DELETE /livez HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1.1 405 /);
  assert.match(await raw(port, 'OPTIONS /livez HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1.1 204 /);
  server.close();
  server.closeAllConnections();
});

test('malformed requests are refused, and the service goes on', async () => {
  const { server, port } = await start();
  assert.match(await raw(port, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 400 /);
  assert.match(await raw(port, 'nonsense\r\n\r\n'), /^HTTP\/1.1 400 .*nosniff.*"status":400/s);
  const large = `GET / HTTP/1.1\r\nx: ${'y'.repeat(20000)}\r\n\r\n`;
  assert.match(await raw(port, large), /^HTTP\/1.1 431 /);
  for (const host of ['a b', 'u@a', 'a/b', '[::1', 'a:b:c', 'a:99999', '[a]', ', a', '']) {
    const request = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    assert.match(await raw(port, request), /^HTTP\/1.1 400 /, host);
  }
  for (const host of [
    'a',
    'a:80',
    '[::1]',
    '[::1]:80',
    '127.0.0.1',
    'xn--bcher-kva.example',
    'a_b',
  ]) {
    const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    assert.match(await raw(port, request), /^HTTP\/1.1 200 /, host);
  }
  assert.match(await raw(port, 'GET http://a HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 /);
  server.close();
  server.closeAllConnections();
});

test('a body that is never completed is refused, and its reader does not wait on', async () => {
  const { server, drain, port } = await start();
  const response = raw(port, 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf');
  const [res] = await once(server, 'handling');
  assert.match(await response, /^HTTP\/1\.1 400 /);
  await drain();
  assert.equal(res.req.destroyed, true);
});

test('a client that is still sending its body receives the response', async () => {
  const { drain, port } = await start();
  const head = 'POST /teapot HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4000000';
  // A client that reads when it has sent all.
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  socket.pause();
  await new Promise((resolve) => socket.write(`${head}\r\n\r\n${'x'.repeat(4_000_000)}`, resolve));
  const received = await socket.setEncoding('utf8').toArray();
  assert.match(received.join(''), /^HTTP\/1\.1 418 /);
  await drain();
});

test('a client that leaves while it sends its body is no fault', async () => {
  const { server, drain, port, lines } = await start();
  const socket = net.connect(port, '127.0.0.1');
  socket.write('POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf');
  const [, res] = await once(server, 'request');
  socket.resetAndDestroy();
  await once(res, 'close');
  await drain();
  assert.partialDeepStrictEqual(lines, [{ path: '/body', status: 499 }]);
  assert.equal(lines.length, 1);
});

test('bad bytes behind a request in flight are noticed once', async (t) => {
  const { server, drain, port } = await start();
  const warn = t.mock.method(process, 'emitWarning', () => {});
  const socket = net.connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay();
  socket.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
  const [res] = await once(server, 'handling');
  for (let count = 0; count < 20; count += 1) {
    socket.write('nonsense\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(res.listenerCount('close') < 5);
  res.end('done');
  assert.match((await socket.toArray()).join(''), /^HTTP\/1\.1 200 .*done$/s);
  assert.equal(warn.mock.callCount(), 0);
  await drain();
});

test('an error cuts no whole response, and has no headers of one that is not sent', async () => {
  const { server, drain, port, lines } = await start();
  const large = 'x'.repeat(20_000_000);
  server.once('handling', (res) => {
    res.end(large);
    throw new Error('late');
  });
  assert.equal((await textOf(await get(port, '/late'))).length, large.length);
  assert.equal(lines.filter(({ err }) => err?.message === 'late').length, 1);
  server.once('handling', (res) => {
    res.setHeader('content-encoding', 'gzip').setHeader('transfer-encoding', 'chunked');
    throw new HttpError(0, 'no status');
  });
  const response = await get(port, '/early');
  assert.equal(response.statusCode, 500);
  assert.equal(response.headers['content-encoding'], undefined);
  assert.equal(response.headers['transfer-encoding'], undefined);
  assert.ok(!(await textOf(response)).includes('no status'));
  await drain();
});

test('what a route sets or removes of the headers counts; a page may load its own', async () => {
  const { server, drain, port } = await start();
  const ways = [
    (res) => res.setHeader('Cache-Control', 'public').end(),
    (res) => res.writeHead(200, { 'Cache-Control': 'public' }).end(),
    (res) => res.writeHead(200, 'Fine', ['Cache-Control', 'public']).end(),
  ];
  for (const way of ways) {
    server.once('handling', way);
    const { headers } = (await get(port, '/own')).resume();
    assert.equal(headers['cache-control'], 'public');
    assert.equal(headers['x-content-type-options'], 'nosniff');
  }
  server.once('handling', (res) => {
    res.removeHeader('X-Frame-Options');
    res.writeHead(200, 'Fine', { 'Content-Type': 'text/html' }).end();
  });
  const { headers } = (await get(port, '/page')).resume();
  assert.equal(headers['x-frame-options'], undefined);
  assert.equal(headers['cache-control'], 'no-store');
  assert.match(String(headers['content-security-policy']), /^default-src 'self';/);
  server.once('handling', (res) => {
    res.setHeader('Cache-Control', 'public');
    res.writeHead(200, 'Fine').end();
  });
  const plain = (await get(port, '/plain')).resume();
  assert.match(String(plain.headers['content-security-policy']), /^default-src 'none';/);
  await drain();
});

test('a well-formed request id is kept, any other replaced', async () => {
  const { drain, port } = await start();
  for (const [id, kept] of Object.entries({ 'abc-123': true, 'not well formed': false })) {
    const response = await get(port, '/livez', { 'x-request-id': id });
    assert.equal(response.resume().headers['x-request-id'] === id, kept);
  }
  await drain();
});

test('an upgrade is an ordinary request, unless somebody listens for a WebSocket', async () => {
  const { server, drain, port, lines } = await start();
  const ask = (upgrade) => {
    const fields = `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\nx-request-id: ${upgrade}`;
    return raw(port, `GET /a?b HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
  };
  server.on('handling', (res) => res.end());
  assert.match(await ask('websocket'), /^HTTP\/1.1 200 /);
  server.on('upgrade', (_req, socket) => socket.end('taken'));
  assert.match(await ask('h2c'), /^HTTP\/1.1 200 /);
  lines.length = 0;
  assert.equal(await ask('WebSocket'), 'taken');
  await drain();
  assert.partialDeepStrictEqual(lines, [{ id: 'WebSocket', path: '/a' }]);
});

test('the hook onUpgrade gets requests for WebSockets, until the service stops', async () => {
  const fault = Object.assign(new Error('secret'), { status: 401 });
  const onUpgrade = async (_context, req, socket) => {
    if (req.url === '/fault') throw fault;
    if (req.url !== '/ws') throw new HttpError(404);
    socket.end('taken');
  };
  const { drain, port, lines, status } = await start({ onUpgrade });
  const ask = (path) => {
    const fields = 'Connection: Upgrade\r\nUpgrade: websocket\r\nx-request-id: a';
    return raw(port, `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
  };
  assert.equal(await ask('/ws'), 'taken');
  assert.match(await ask('/'), /^HTTP\/1.1 404 .*nosniff.*x-request-id: a\r.*"status":404/s);
  lines.length = 0;
  assert.match(await ask('/fault'), /^HTTP\/1.1 500 (?!.*secret)/s);
  assert.partialDeepStrictEqual(lines, [{ id: 'a' }, { err: fault }, { id: 'a', status: 500 }]);
  status.draining = true;
  assert.match(await ask('/ws'), /^HTTP\/1.1 503 /);
  await drain();
});

test('a client that breaks its connection during an upgrade does not end the service', async () => {
  const { promise, reject } = Promise.withResolvers();
  const { server, drain, port } = await start({ onUpgrade: () => promise });
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  const fields = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket';
  socket.write(`GET / HTTP/1.1\r\n${fields}\r\n\r\n`);
  const [req] = await once(server, 'upgrade');
  req.socket.emit('error', new Error('ECONNRESET'));
  reject(new HttpError(418));
  await drain();
});

test('an upgrade is checked like any request, and is none behind a request in flight', async () => {
  const seen = [];
  const onUpgrade = (_context, req, socket) => {
    seen.push(req.url, req.headers['x-forwarded-proto']);
    socket.end('taken');
  };
  const config = serviceSettings(readers({ TRUST_PROXY: '127.0.0.1' }));
  const { server, drain, port } = await start({ onUpgrade, config });
  const fields = 'Connection: Upgrade\r\nUpgrade: websocket\r\nX-Forwarded-Proto: http, https';
  const ask = (target, host = 'Host: a\r\n') =>
    `GET ${target} HTTP/1.1\r\n${host}${fields}\r\n\r\n`;
  assert.equal(await raw(port, ask('http://a/ws')), 'taken');
  assert.deepEqual(seen, ['/ws', 'https']);
  for (const host of ['', 'Host: a b\r\n', 'Host: a\r\nHost: b\r\n']) {
    assert.match(await raw(port, ask('/ws', host)), /^HTTP\/1\.1 400 /, host);
  }
  server.on('handling', (res) => res.end('ordinary'));
  const socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\n${ask('/ws')}`);
  setTimeout(() => socket.end(), 200);
  assert.match((await socket.toArray()).join(''), /^HTTP\/1\.1 200 .*done.*200 .*ordinary/s);
  assert.equal(seen.length, 2);
  await drain();
});

test('a condition is ignored if it names a time that stands for content', async () => {
  const { server, port } = await start();
  const headersOf = async (headers) => {
    const asked = get(port, '/since', headers);
    const [res] = await once(server, 'handling');
    res.end();
    (await asked).resume();
    return res.req.headers;
  };
  const sinceOf = async (headers) => (await headersOf(headers))['if-modified-since'];
  const rangeOf = async (date) => (await headersOf({ range: 'bytes=1-', 'if-range': date })).range;
  const [content, real] = ['Mon, 06 May 1991 07:08:09 GMT', 'Sat, 28 Nov 2026 07:08:09 GMT'];
  assert.equal(await sinceOf({ 'if-modified-since': content }), undefined);
  assert.equal(await sinceOf({ 'if-modified-since': content, 'if-none-match': '"1"' }), content);
  assert.equal(await sinceOf({ 'if-modified-since': real }), real);
  assert.equal(await rangeOf(content), undefined);
  assert.equal(await rangeOf(real), 'bytes=1-');
  assert.equal(await rangeOf('"etag"'), 'bytes=1-');
  server.closeAllConnections();
  server.close();
});
