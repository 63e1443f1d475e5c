// The process: settings, log lines, signals, hooks and the health check.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { clientOf, settleForwarded } from '../../src/service/proxies.js';
import { readers, serviceSettings } from '../../src/service/settings.js';

const HEALTHCHECK = 'src/service/healthcheck.js';
// An application of its own, so that nothing here depends on the owner's.
const CODE = `
  import './src/service/signals.js';
  import { readers, serviceSettings } from './src/service/settings.js';
  import { createServer } from './src/service/server.js';
  import { startService } from './src/service/start.js';
  const say = (line) => process.stderr.write(line + '\\n');
  const part = (name) => ({
    onStart: () => { say(name + ' opens'); return { [name]: 'opened' }; },
    isReady: () => process.env.NOT_READY !== name,
    onDrain: () => say(name + ' drains'),
    onClose: (context) => say(name + ' closes ' + context[name]),
    onUpgrade: process.env.UPGRADES?.includes(name) ? () => {} : undefined,
  });
  await startService({
    parts: [part('one'), part('two')],
    loadConfig: (env) => {
      const settings = serviceSettings(readers(env));
      // 0 is any free port: one that is looked for before may be taken by then.
      return env.PORT === undefined ? { ...settings, port: 0 } : settings;
    },
    createApp: (context) => createServer(context, (req, res) => res.end(context.resource)),
    onStart: async ({ one, two }) => {
      say('onStart ' + one + two);
      if (process.env.SLOW) await new Promise((resolve) => setTimeout(resolve, 60000));
      return { resource: 'opened' };
    },
    onServer: (server) => server.on('listening', () => say('port ' + server.address().port)),
    isReady: ({ resource }) => resource === 'opened',
    onDrain: () => { say('onDrain'); throw new Error('failed hook'); },
    onClose: ({ resource }) => { say('onClose ' + resource); throw new Error('failed hook'); },
  });`;

/** Starts the service; `events` holds what it logged when the process has ended. */
function start(env = {}) {
  const options = { env: { ...process.env, PORT: undefined, ...env } };
  const service = spawn(process.execPath, ['--input-type=module', '--eval', CODE], options);
  const events = [];
  const lines = createInterface({ input: service.stdout });
  lines.on('line', (line) => events.push(JSON.parse(line)));
  let output = '';
  service.stderr.on('data', (data) => {
    output += data;
  });
  let ended = false;
  service.once('close', () => {
    ended = true;
  });
  const waitFor = async (text) => {
    while (!output.includes(text) && !events.some(({ msg }) => msg === text)) {
      assert.ok(!ended, `the process ended without "${text}": ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  /** Waits until it listens, and returns on which port. */
  const listening = async () => {
    await waitFor('listening');
    await waitFor('port ');
    return String(/port (\d+)/.exec(output)?.[1]);
  };
  return { service, events, waitFor, listening, output: () => output };
}

function check(env) {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' };
  return spawnSync(process.execPath, [HEALTHCHECK], options);
}

test('settings have defaults, may come from files, and a bad one is named with its rule', () => {
  const load = (env) => serviceSettings(readers(env));
  assert.equal(load({ PORT: '8080' }).port, 8080);
  assert.equal(load({ KEEP_ALIVE_TIMEOUT_MS: '620000' }).keepAliveTimeoutMs, 620000);
  assert.equal(load({ BODY_LIMIT_BYTES: '200000000' }).bodyLimitBytes, 200000000);
  for (const PORT of ['', 'abc', '0', '70000', '3e3', '080', '-1', '80.5', ' 80']) {
    assert.throws(() => load({ PORT }), /^Error: PORT must be a whole number from 1 to 65535/);
  }
  assert.throws(() => load({ LOG_LEVEL: 'loud' }), /LOG_LEVEL must be one of/);
  assert.throws(() => load({ HOST: '' }), /HOST must be/);
  const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'secret');
  writeFileSync(file, 'warn\n');
  assert.equal(load({ LOG_LEVEL_FILE: file }).logLevel, 'warn');
  assert.throws(() => load({ PORT_FILE: file }), /PORT must be .* not what .*secret holds/);
  assert.throws(() => load({ TRUST_PROXY_FILE: file }), /loopback.* not what .*secret holds/);
  assert.throws(() => load({ PORT: '1', PORT_FILE: file }), /PORT and PORT_FILE are both set/);
  assert.throws(() => load({ PORT_FILE: '/none' }), /PORT_FILE cannot be read: "\/none": ENOENT/);
  assert.throws(() => readers({}).text('API_KEY'), /API_KEY must be set, not unset/);
});

/** The client of a request that a server gets from an address with these headers. */
function clientFrom(remoteAddress, list, headers) {
  const { trustProxy } = serviceSettings(readers({ TRUST_PROXY: list }));
  const req = { headers: { ...headers }, socket: { remoteAddress } };
  if (trustProxy) settleForwarded(req, trustProxy);
  return Object.values(clientOf(req, trustProxy)).join(' ');
}

test('TRUST_PROXY: only what a trusted proxy says about a client counts', () => {
  const forged = {
    'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.2',
    'x-forwarded-proto': 'gopher, https, http',
  };
  assert.equal(clientFrom('10.0.0.1', '', forged), '10.0.0.1 http');
  assert.equal(clientFrom('192.0.2.1', '10.0.0.0/8', forged), '192.0.2.1 http');
  assert.equal(clientFrom('::ffff:10.0.0.1', '10.0.0.0/8', forged), '203.0.113.7 https');
  assert.equal(clientFrom('10.0.0.1', '10.0.0.1', forged), '10.0.0.2 http');
  assert.equal(clientFrom('fd00::9%eth0', 'uniquelocal', forged), '203.0.113.7 https');
  assert.equal(
    clientFrom('::1', 'loopback, fd00::/8', { 'x-forwarded-for': 'fd00::2' }),
    'fd00::2 http',
  );
  assert.equal(clientFrom('::1', 'loopback', { 'x-forwarded-for': 'unknown' }), 'unknown http');
});

test('TRUST_PROXY is an address, a network or a name, or the start stops', () => {
  const bad = ['10.0.0.0/33', '10.0.0.0/8/9', 'fd00::/x', 'true', '1', 'a.local', '10.0.0.1,', ' '];
  for (const list of bad) {
    assert.throws(() => serviceSettings(readers({ TRUST_PROXY: list })), /^.*TRUST_PROXY must be/);
  }
});

test('the process runs its hooks, refuses a port in use, and exits 0 on SIGTERM', async () => {
  const { service, events, listening, output } = start();
  const env = { PORT: await listening() };
  const response = await fetch(`http://localhost:${env.PORT}/`);
  assert.equal(await response.text(), 'opened');
  assert.equal((await fetch(`http://localhost:${env.PORT}/readyz`)).status, 200);
  const second = start(env);
  assert.deepEqual(await once(second.service, 'exit'), [1, null]);
  assert.match(second.output(), /PORT \d+ on HOST :: must be free to listen on, but: EADDRINUSE/);
  assert.equal(check(env).status, 0);
  service.kill('SIGTERM');
  assert.deepEqual(await once(service, 'close'), [0, null]);
  const messages = events.map(({ msg }) => msg).filter((msg) => msg !== 'request');
  const failed = ['onDrain failed', 'onClose failed'];
  assert.deepEqual(messages, ['listening', 'draining', ...failed, 'stopped']);
  assert.deepEqual(output().trim().split('\n'), [
    ...['one opens', 'two opens', 'onStart openedopened', `port ${env.PORT}`],
    ...['one drains', 'two drains', 'onDrain'],
    ...['onClose opened', 'two closes opened', 'one closes opened'],
  ]);
});

test('a service is ready when all of its parts are', async () => {
  for (const [NOT_READY, status] of [
    ['one', 503],
    ['two', 503],
    ['three', 200],
  ]) {
    const { service, listening } = start({ NOT_READY });
    assert.equal((await fetch(`http://localhost:${await listening()}/readyz`)).status, status);
    service.kill('SIGKILL');
  }
});

test('two parts that take requests for WebSockets are refused at the start', async () => {
  const { service, events } = start({ UPGRADES: 'one,two' });
  assert.deepEqual(await once(service, 'close'), [1, null]);
  assert.match(JSON.stringify(events.at(-1)), /only one part may have onUpgrade/);
});

test('SIGTERM during a slow start ends the process at once, with exit code 0', async () => {
  const { service, events, waitFor } = start({ SLOW: '1' });
  await waitFor('onStart');
  service.kill('SIGTERM');
  assert.deepEqual(await once(service, 'close'), [0, null]);
  assert.deepEqual(events.at(-1)?.msg, 'stopped while starting');
});

test('a bad setting is one line and exit code 1', async () => {
  const { service, output } = start({ PORT: 'abc' });
  assert.deepEqual(await once(service, 'close'), [1, null]);
  assert.equal(output(), 'PORT must be a whole number from 1 to 65535, not "abc"\n');
});

test('the health check says briefly what is wrong; it follows HOST and path', async () => {
  const replies = { '/readyz': 'HTTP/1.1 503 Busy', '/ok': 'HTTP/1.1 200 OK', '/none': '' };
  const server = net.createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', (data) => {
        const [, path] = String(data).split(' ');
        const reply = replies[path];
        socket.end(reply && `${reply}\r\n\r\n`);
      });
  });
  await once(server.listen(0, '::1'), 'listening');
  const PORT = String(server.address().port);
  const runHealthcheck = (env) =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [HEALTHCHECK], {
        env: { ...process.env, PORT, ...env },
      });
      let text = '';
      child.stdout.on('data', (data) => {
        text += data;
      });
      child.on('close', (code) => resolve([code, text]));
    });
  const HOST = '::1';
  const where = `on ::1 port ${PORT}`;
  assert.deepEqual(await runHealthcheck({ HOST }), [1, `/readyz ${where}: HTTP/1.1 503 Busy\n`]);
  assert.deepEqual(await runHealthcheck({ HOST, HEALTHCHECK_PATH: '/ok' }), [0, '']);
  assert.deepEqual(await runHealthcheck({ HOST, HEALTHCHECK_PATH: '' }), [0, '']);
  const closed = await runHealthcheck({ HOST, HEALTHCHECK_PATH: '/none' });
  assert.deepEqual(closed, [1, `/none ${where}: closed without an answer\n`]);
  assert.match((await runHealthcheck({ HOST: '127.0.0.2' }))[1], /ECONNREFUSED/);
  assert.match((await runHealthcheck({ HOST, PORT: 'abc' }))[1], /port/i);
  server.close();
});
