// The connections to Postgres: settings, limits, and a server that goes and comes back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
//% if cookiecutter.metrics == 'prometheus'
import { register } from '@prometheus-io/client';
//% endif
import pg from 'pg';
import { loadConfig } from '../src/config.ts';
import {
  databaseSettings,
  isReady,
  onClose,
  onStart,
  query,
  transaction,
} from '../src/database.ts';
import { HttpError } from '../src/service/errors.ts';
import type { Logger } from '../src/service/logger.ts';
import { readers } from '../src/service/settings.ts';
import { freshDatabase } from './fresh-database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let closed: Promise<void> | undefined;
const lines: unknown[] = [];

before(async () => {
  database = await freshDatabase();
});

afterEach(async () => {
  await (closed ?? onClose());
  closed = undefined;
});

after(() => database.remove());

/** Opens the pool, with these settings. */
async function start(env: Record<string, string> = {}) {
  lines.length = 0;
  const log = (line: unknown) => lines.push(line);
  const logger = { info: log, warn: log, fatal: log } as unknown as Logger;
  const limits = { DATABASE_TIMEOUT_MS: '300', DATABASE_WAIT_MS: '5000' };
  const config = loadConfig({ ...database.env, ...limits, ...env });
  await onStart({ config, logger, status: { ready: true, draining: false } });
}

/** A TCP proxy to the server that can be cut, or fall silent (mute: for new connections, too). */
async function detour() {
  const url = new URL(database.env.DATABASE_URL);
  const [host, port] = [url.hostname, Number(url.port || 5432)];
  const sockets = new Set<Socket>();
  let isMute = false;
  const proxy = net.createServer((near) => {
    if (isMute) return sockets.add(near.on('error', () => {}));
    const far = net.connect(port, host);
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    }
    near.pipe(far).pipe(near);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const own = (proxy.address() as AddressInfo).port;
  url.host = `127.0.0.1:${own}`;

  function cut() {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  }

  const silence = () => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  function mute() {
    isMute = true;
    silence();
  }

  const mend = () => once(proxy.listen(own, '127.0.0.1'), 'listening');
  return { cut, silence, mute, mend, env: { DATABASE_URL: url.href } };
}

const is503 = (error: unknown) => error instanceof HttpError && error.status === 503;

/** Runs what must fail because of the database, within so many milliseconds. */
async function assertUnavailable(work: () => Promise<unknown>, ms: number) {
  const began = performance.now();
  await assert.rejects(work, is503);
  assert.ok(performance.now() - began < ms, `${performance.now() - began} ms`);
}

//% if cookiecutter.metrics == 'prometheus'
test('the pool is measured, from before it is there', async () => {
  const names = ['idle', 'busy'].map((state) => `database_connections{state="${state}"}`);
  async function assertMetrics(...values: number[]) {
    const lines = (await register.metrics()).split('\n').filter((line) => /^database/.test(line));
    const wanted = [...names, 'database_waiting'].map((name, index) => `${name} ${values[index]}`);
    assert.deepEqual(lines, wanted);
  }

  await assertMetrics(0, 0, 0);
  await start({ DATABASE_POOL: '1' });
  await sleep(10); // those that open the pool have begun
  await query('SELECT 1'); // after them
  await assertMetrics(1, 0, 0);
  const work = [query('SELECT pg_sleep(0.2)'), query('SELECT 1')];
  await sleep(50);
  await assertMetrics(0, 1, 1);
  await Promise.all(work);
});

//% endif
test('settings: a URL or its parts, the password apart; a bad URL is not shown', async () => {
  closed = Promise.resolve();
  const load = (env: NodeJS.ProcessEnv) => databaseSettings(readers(env)).databaseUrl;
  assert.equal(load({}), 'postgres://app@database:5432/app');
  const parts = { DATABASE_HOST: 'db', DATABASE_USER: 'a b', DATABASE_NAME: 'n' };
  assert.equal(load({ ...parts, DATABASE_PORT: '6432' }), 'postgres://a%20b@db:6432/n');
  for (const host of ['fd00::5', '[fd00::5]', '::1', '::ffff:10.0.0.1']) {
    assert.equal(new URL(load({ DATABASE_HOST: host })).port, '5432');
  }
  for (const host of ['', 'db:5432', 'my db', '/run/postgresql', 'db/name']) {
    assert.throws(() => load({ DATABASE_HOST: host }), /DATABASE_HOST must be a host name/);
  }
  for (const url of ['mysql://u:secret@h/n', 'postgres://u:sec ret@h:x/n', 'secret', '']) {
    assert.throws(
      () => load({ DATABASE_URL: url }),
      (error: Error) =>
        /^DATABASE_URL must be postgres:/.test(error.message) && !error.message.includes('secret'),
    );
  }
  assert.throws(() => load({ DATABASE_POOL: '0' }), /DATABASE_POOL must be a whole number/);
});

test('the password may stand apart', async () => {
  const url = new URL(database.env.DATABASE_URL);
  const DATABASE_PASSWORD = decodeURIComponent(url.password);
  url.password = '';
  await start({ DATABASE_URL: url.href, DATABASE_PASSWORD });
  assert.deepEqual(await query('SELECT 1 AS one'), [{ one: 1 }]);
});

test('a few connections are open before a request comes, if the pool may have them', async (t) => {
  // Asks beside the pool, which would open one more for a question that comes early.
  const observer = new pg.Client({ connectionString: database.env.DATABASE_URL });
  await observer.connect();
  t.after(() => observer.end());
  const url = new URL(database.env.DATABASE_URL);
  const mine = 'SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1';
  for (const [size, expected] of Object.entries({ 2: 2, 10: 4 })) {
    const name = `opened-${size}-${process.pid}`;
    url.searchParams.set('application_name', name);
    await start({ DATABASE_URL: url.href, DATABASE_POOL: size });
    let count = 0;
    for (const end = performance.now() + 5000; count < expected && performance.now() < end; ) {
      await sleep(50);
      const { rows } = await observer.query(mine, [name]);
      count = rows[0].count;
    }
    assert.equal(count, expected);
    if (size === '2') await onClose();
  }
});

test('a slow statement is cut, and its connection serves on', async () => {
  await start({ DATABASE_POOL: '1' });
  const pid = 'SELECT pg_backend_pid() AS pid';
  const before = await query(pid);
  await assertUnavailable(() => query('SELECT pg_sleep(10)'), 2000);
  assert.deepEqual(await query(pid), before);
});

test('a mistake in a statement is a fault of ours, not of the database', async () => {
  await start({ DATABASE_POOL: '1' });
  const code = (expected: string) => (error: { code?: string }) => error.code === expected;
  await assert.rejects(query('SELECT nothing FROM nowhere'), code('42P01'));
  await assert.rejects(query('SELECT 1 / $1::int', [0]), code('22012'));
  assert.deepEqual(await query('SELECT $1 AS text', ["'--"]), [{ text: "'--" }]);
});

test('a transaction one of whose statements failed says that it was rolled back', async () => {
  await start({ DATABASE_POOL: '1' });
  await query('CREATE TABLE caught (id int)');
  const work = transaction(async (run) => {
    await run('INSERT INTO caught VALUES (1)');
    await run('SELECT 1 / $1::int', [0]).catch(() => {});
  });
  await assert.rejects(work, /^Error: rolled back: one of its statements had failed/);
  assert.deepEqual(await query('SELECT * FROM caught'), []);
});

test('a transaction is whole or not at all', async () => {
  await start({ DATABASE_POOL: '1' });
  await query('CREATE TABLE kept (id int)');
  await transaction((run) => run('INSERT INTO kept VALUES (1)'));
  const failing = transaction(async (run) => {
    await run('INSERT INTO kept VALUES (2)');
    throw new HttpError(409);
  });
  await assert.rejects(failing, { status: 409 });
  const broken = transaction((run) => run('SELECT nothing'));
  await assert.rejects(broken, { code: '42703' });
  assert.deepEqual(await query('SELECT id FROM kept'), [{ id: 1 }]);
});

test('an idle transaction is ended by the server, and nothing crashes', async () => {
  await start({ DATABASE_POOL: '1' });
  const idle = transaction(async (run) => {
    await run('SELECT 1');
    await sleep(800);
    await run('SELECT 1');
  });
  await assert.rejects(idle, is503);
  assert.deepEqual(await query('SELECT 1 AS one'), [{ one: 1 }]);
});

test('who waits too long for a connection gets a 503; then there is one again', async () => {
  await start({ DATABASE_POOL: '1', DATABASE_TIMEOUT_MS: '9000' });
  const holding = transaction((run) => run('SELECT pg_sleep(5)'));
  await assertUnavailable(() => query('SELECT 1'), 2900);
  await holding;
  assert.deepEqual(await query('SELECT 1 AS one'), [{ one: 1 }]);
});

test('a pool that is busy with statements that end leaves the service ready', async () => {
  await start({ DATABASE_POOL: '1', DATABASE_TIMEOUT_MS: '2500' });
  await query('SELECT 1');
  const slow = query('SELECT pg_sleep(2)');
  const began = performance.now();
  assert.equal(await isReady(), true);
  assert.ok(performance.now() - began < 1000);
  await slow;
});

test('a server that takes no writes any more: a 503, and another connection next', async () => {
  await start({ DATABASE_POOL: '1' });
  await query('CREATE TABLE written (id int)');
  await query('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY');
  await assertUnavailable(() => query('INSERT INTO written VALUES (1)'), 1000);
  await query('INSERT INTO written VALUES (2)');
  assert.deepEqual(await query('SELECT id FROM written'), [{ id: 2 }]);
});

test('without the server: a 503 and not ready at once; ready when it is back', async () => {
  const { env, cut, mend } = await detour();
  await start(env);
  const running = assertUnavailable(() => transaction((run) => run('SELECT pg_sleep(1)')), 1000);
  await Promise.all([query('SELECT 1'), query('SELECT 1')]);
  cut();
  await running;
  await sleep(100); // for the idle ones
  assert.equal(await isReady(), false);
  await assertUnavailable(() => query('SELECT 1'), 500);
  await mend();
  assert.equal(await isReady(), true);
  assert.deepEqual(await query('SELECT 1 AS one'), [{ one: 1 }]);
  cut();
});

test('a server that falls silent: statements end, and new connections take over', async () => {
  const { env, cut, silence } = await detour();
  await start({ ...env, DATABASE_POOL: '2' });
  await transaction(() => query('SELECT 1')); // a connection each
  silence();
  assert.equal(await isReady(), false);
  await assertUnavailable(() => query('SELECT 1'), 1500);
  assert.equal(await isReady(), true);
  cut();
});

test('a server that takes connections and says nothing: a 503 after two seconds', async () => {
  const { env, cut, mute } = await detour();
  await start({ ...env, DATABASE_POOL: '1' });
  mute();
  assert.equal(await isReady(), false);
  await assertUnavailable(() => query('SELECT 1'), 2900);
  cut();
});

test('the start waits for the server, and says so once', async () => {
  const { env, cut, mend } = await detour();
  cut();
  const started = start(env);
  await sleep(700);
  await mend();
  await started;
  assert.equal(await isReady(), true);
  assert.equal(lines.length, 1);
  assert.match(String(lines[0]), /^waiting for the database at 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  cut();
});

test('the start gives up after its bound, at once if it is refused, in one line', async (t) => {
  closed = Promise.resolve();
  const exit = t.mock.method(process, 'exit', (code: number) => {
    throw new Error(`exit ${code}`);
  });
  const { env, cut } = await detour();
  const wrong = new URL(env.DATABASE_URL);
  wrong.pathname = '/nowhere';
  await assert.rejects(start({ DATABASE_URL: wrong.href }), /exit 1/);
  assert.match(String(lines), /^no login to the database at 127\.0\.0\.1:\d+: .*nowhere/);
  cut();
  await assert.rejects(start({ ...env, DATABASE_WAIT_MS: '100' }), /exit 1/);
  assert.equal(lines.length, 2);
  assert.match(
    String(lines[1]),
    /^gave up on the database at 127\.0\.0\.1:\d+ after 100 ms: .*ECONNREFUSED/,
  );
  assert.equal(exit.mock.callCount(), 2);
});

test('the pool closes after the transactions in flight', async () => {
  await start();
  let isDone = false;
  const work = transaction(async (run) => {
    await run('SELECT pg_sleep(0.2)');
    isDone = true;
  });
  await query('SELECT 1');
  closed = onClose();
  await closed;
  assert.equal(isDone, true);
  await work;
});
