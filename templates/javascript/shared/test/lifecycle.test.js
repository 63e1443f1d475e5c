// The process's side: configuration, log lines, and a drain that finishes what is in flight.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../src/config.js';
import { createServer } from '../src/lifecycle.js';

/** A listening server whose handler answers when the test says so; `lines` holds what it logs. */
async function start() {
  const lines = [];
  const log = (line) => lines.push(line);
  const status = { ready: true, draining: false };
  const logger = { info: log, error: log, isLevelEnabled: () => true };
  const context = { config: loadConfig({}, assert.fail), logger, status, headers: new Map() };
  const { server, drain } = createServer(context, (req, res) => {
    if (req.url === '/fault') throw new Error('secret');
    if (req.url === '/livez') return res.end();
    return server.emit('handling', res);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, status, drain, lines };
}

/** Requests a path on a connection of its own that is kept alive; resolves when the response's head is there. */
async function get(server, path) {
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true });
  const [response] = await once(http.get({ host: '127.0.0.1', port, path, agent }), 'response');
  return response;
}

test('drain finishes what is in flight, with Connection: close if it is not too late, and nothing more', async () => {
  const { server, status, drain } = await start();
  const half = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
  half.write('GET / HTTP/1.1\r\nHos');
  await once(server, 'connection');
  const idle = get(server, '/');
  const [answered] = await once(server, 'handling');
  answered.end();
  (await idle).resume();
  const streamed = get(server, '/');
  const [begun] = await once(server, 'handling');
  begun.write('half');
  const waiting = get(server, '/');
  const [second] = await once(server, 'handling');

  const drained = drain();
  assert.deepEqual(status, { ready: false, draining: true });
  second.end('done');
  assert.equal((await waiting).headers.connection, 'close');
  assert.equal((await (await waiting).toArray()).join(''), 'done');
  begun.end('done');
  assert.equal((await streamed).headers.connection, 'keep-alive');
  assert.equal((await (await streamed).toArray()).join(''), 'halfdone');
  const finished = performance.now();
  await drained;
  assert.ok(performance.now() - finished < 500);
});

test('a fault is a bare 500, logged whole with the id of the request; probes are not logged', async () => {
  const { server, drain, lines } = await start();
  (await get(server, '/livez')).resume();
  const response = await get(server, '/fault');
  const body = (await response.toArray()).join('');
  assert.equal(response.statusCode, 500);
  assert.ok(!body.includes('secret'));
  await drain();
  const [fault, line] = lines;
  assert.equal(fault.err.message, 'secret');
  assert.equal(fault.id, response.headers['x-request-id']);
  const { ms, ...rest } = JSON.parse(JSON.stringify(line));
  assert.ok(ms >= 0);
  assert.deepEqual(rest, { id: fault.id, method: 'GET', path: '/fault', status: 500 });
});

test('the configuration has defaults and names a bad value', () => {
  const refuse = (line) => assert.fail(line);
  assert.equal(loadConfig({}, refuse).port, 3000);
  assert.equal(loadConfig({ PORT: '8080' }, refuse).port, 8080);
  for (const PORT of ['', 'abc', '0', '70000', '3e3', '080', '-1', '80.5', ' 80']) {
    assert.throws(() => loadConfig({ PORT }, refuse), /PORT must be a whole number from 1 to 65535/);
  }
  assert.throws(() => loadConfig({ LOG_LEVEL: 'loud' }, refuse), /LOG_LEVEL must be one of/);
  assert.throws(() => loadConfig({ HOST: '' }, refuse), /HOST must be/);
});

test('the process logs its life in JSON, wants its port for itself, and exits 0 on SIGTERM', async () => {
  const { server, drain } = await start();
  const env = { ...process.env, HOST: '127.0.0.1', PORT: String(server.address().port) };
  await drain(); // the port is free again
  const entry = fileURLToPath(new URL('../src/server.js', import.meta.url));
  const service = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const events = [];
  for await (const line of createInterface({ input: service.stdout })) {
    const { msg } = JSON.parse(line);
    events.push(msg);
    if (msg !== 'listening') continue;
    assert.equal((await fetch(`http://127.0.0.1:${env.PORT}/readyz`)).status, 200);
    const { status, stderr } = spawnSync(process.execPath, [entry], { env, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^PORT \d+ on HOST 127.0.0.1 must be free .* EADDRINUSE\n$/);
    service.kill('SIGTERM');
  }
  assert.deepEqual(events, ['listening', 'draining', 'stopped']);
  assert.equal(service.exitCode ?? (await once(service, 'exit'))[0], 0);
});
