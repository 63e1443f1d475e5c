// The database: connections to Postgres, how they are used, and the hooks of startService().
//% if cookiecutter.metrics == 'prometheus'
import { Gauge } from '@prometheus-io/client';
//% endif
import pg from 'pg';
import type { Config } from './config.ts';
import { HttpError } from './service/errors.ts';
import type { Logger } from './service/logger.ts';
import type { Context } from './service/server.ts';
import { type Readers, SettingError } from './service/settings.ts';

const { setTimeout: sleep } = process.getBuiltinModule('node:timers/promises');

const DAY_MS = 86_400_000;
// For a new connection, and for one to become free.
const CONNECT_MS = 2000;
// Opened at the start and kept open, so that few requests wait for a login.
const OPEN = 4;
// A firewall forgets a connection that is silent for minutes.
const KEEP_ALIVE_MS = 10_000;
// A statement that is answered at once, or its connection is broken.
const PING: pg.QueryConfig & { query_timeout: number } = { text: 'SELECT 1', query_timeout: 1000 };
// SQLSTATE classes that say nothing against a statement: connection, no writes (a former primary),
// transaction timeouts, resources, operator intervention (a shutdown, a limit), system error.
const UNAVAILABLE = /^(08|25006|25P0[34]|53|57|58)/;
// No login, no such database, no trusted certificate (Node's own codes): waiting does not help.
const REFUSED = /^(28|3D|UNABLE_TO_)|CERT/;
// Any number that nothing else in this database locks.
const LOCK = 7_301_524;
// A name, an IPv4 address, or an IPv6 address, which may have its brackets.
const HOST = /^([\w.-]+|\[?\w*:\w*:[\w:.]*\]?)$/;

type Settings = ReturnType<typeof databaseSettings>;
let pool: pg.Pool;
let log: Logger;
let answered = 0; // when the work of a connection was last done, in ms

//% if cookiecutter.metrics == 'prometheus'
// Prometheus may ask before there is a pool.
new Gauge({
  name: 'database_connections',
  help: 'Open connections of the pool, by state: idle or busy.',
  labelNames: ['state'],
  collect() {
    const { idleCount = 0, totalCount = 0 } = pool ?? {};
    this.set({ state: 'idle' }, idleCount);
    this.set({ state: 'busy' }, totalCount - idleCount);
  },
});
new Gauge({
  name: 'database_waiting',
  help: 'Statements and transactions that wait for a connection of the pool.',
  collect() {
    this.set(pool?.waitingCount ?? 0);
  },
});

//% endif
/** The settings: DATABASE_URL or its parts; the password may stand apart, as in a file. */
export function databaseSettings({ text, integer }: Readers) {
  const user = encodeURIComponent(text('DATABASE_USER', 'app'));
  const host = text('DATABASE_HOST', 'database', HOST, 'a host name or an address');
  const port = integer('DATABASE_PORT', 5432, 1, 65535);
  const name = encodeURIComponent(text('DATABASE_NAME', 'app'));
  const place = `${host.replace(/^\w*:.*/, '[$&]')}:${port}`;
  const url = text('DATABASE_URL', `postgres://${user}@${place}/${name}`);
  if (!/^postgres(ql)?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    // Not shown, because there may be a password in it.
    const form = 'postgres://USER:PASSWORD@HOST:PORT/NAME';
    throw new SettingError(`DATABASE_URL must be ${form}, special characters as %-codes`);
  }
  return {
    databaseUrl: url,
    databasePassword: text('DATABASE_PASSWORD', ''),
    databaseCa: text('DATABASE_CA', ''),
    databasePool: integer('DATABASE_POOL', 10, 1, 1000),
    databaseTimeoutMs: integer('DATABASE_TIMEOUT_MS', 5000, 1, DAY_MS),
    databaseWaitMs: integer('DATABASE_WAIT_MS', 30_000, 0, DAY_MS),
  };
}

/** What pg needs for a connection; TLS always checks the server's certificate. */
function connectionOf(config: Settings): pg.ClientConfig {
  const url = new URL(config.databaseUrl);
  if (config.databasePassword) url.password = encodeURIComponent(config.databasePassword);
  const isPlain = ['disable', null].includes(url.searchParams.get('sslmode'));
  url.searchParams.delete('sslmode');
  const ssl = config.databaseCa ? { ca: config.databaseCa } : !isPlain;
  return { connectionString: url.href, connectionTimeoutMillis: CONNECT_MS, keepAlive: true, ssl };
}

/** Repeats what needs the server until it works; says once that it waits, and why. */
async function reach<T>(config: Settings, attempt: () => Promise<T>, say: (line: string) => void) {
  const place = `the database at ${new URL(config.databaseUrl).host}`;
  const deadline = performance.now() + config.databaseWaitMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await attempt();
    } catch (error) {
      const { code = '', message } = error as Error & { code?: string };
      const reason = message || code;
      if (REFUSED.test(code)) throw new Error(`no login to ${place}: ${reason}`);
      if (performance.now() > deadline) {
        throw new Error(`gave up on ${place} after ${config.databaseWaitMs} ms: ${reason}`);
      }
      if (isFirst) say(`waiting for ${place}: ${reason}`);
      await sleep(500);
    }
  }
}

function unavailable(err: unknown): never {
  log.warn({ err }, 'database unavailable');
  throw new HttpError(503, 'the database is unavailable');
}

/** Lends a connection of the pool; throws a 503 if the database is at fault, not the work. */
async function lend<T>(work: (client: pg.ClientBase) => Promise<T>) {
  const client = await pool.connect().catch(unavailable);
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    const { code = '', message } = error as pg.DatabaseError;
    if (message === 'Query read timeout' || code === '25006') broken = error as Error;
    if (broken || UNAVAILABLE.test(code)) return unavailable(error);
    throw error;
  } finally {
    client.off('error', onError);
    if (!broken) answered = performance.now();
    client.release(broken);
  }
}

/** Runs a statement; values go into its $1, $2 and so on, never into its text. */
export async function query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await lend((client) => client.query(sql, values))).rows;
}

/** Runs statements by the query() that `work` gets: all of them, or none if it throws. */
export function transaction<T>(work: (run: typeof query) => Promise<T>): Promise<T> {
  return lend(async (client) => {
    await client.query('BEGIN');
    try {
      const result = await work(async (sql, values) => (await client.query(sql, values)).rows);
      const { command } = await client.query('COMMIT');
      // After a statement that failed, even if `work` caught its error, COMMIT rolls back.
      if (command !== 'COMMIT') throw new Error('rolled back: one of its statements had failed');
      return result;
    } catch (error) {
      // What fails here is a broken connection: then the server rolls back.
      await client.query({ ...PING, text: 'ROLLBACK' }).catch(() => {});
      throw error;
    }
  });
}

/** Opens the pool and waits for the server; ends the process if that takes too long. */
export async function onStart({ config, logger }: Context<Config>) {
  const limit = config.databaseTimeoutMs;
  log = logger;
  pool = new pg.Pool({
    ...connectionOf(config),
    min: OPEN,
    max: config.databasePool,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    statement_timeout: limit,
    idle_in_transaction_session_timeout: limit,
    // For a server that does not answer at all.
    query_timeout: limit + 500,
  });
  // An idle connection broke; the pool opens another one.
  pool.on('error', (err) => logger.warn({ err }, 'database connection lost'));
  const open = () => pool.query('SELECT 1');
  try {
    await reach(config, open, (line) => logger.warn(line));
  } catch (error) {
    logger.fatal((error as Error).message);
    process.exit(1);
  }
  // The others in the background: the start needs only one.
  setImmediate(() => Promise.allSettled(Array.from({ length: OPEN }, open)));
}

/** Whether the database answers; lend() has logged why it does not. */
export async function isReady() {
  // Under load a pool is busy with statements that end: no reason to take every replica out.
  const isBusy = pool.idleCount === 0 && pool.totalCount === pool.options.max;
  if (isBusy && performance.now() - answered < Number(pool.options.query_timeout)) return true;
  return lend((client) => client.query(PING)).then(Boolean, () => false);
}

/** Closes the pool, after the transactions in flight. */
export const onClose = () => pool.end();

/** A connection for migrate: without limits, and under a lock that only one has at a time. */
export async function openForMigration(config: Settings) {
  async function connect() {
    const client = new pg.Client(connectionOf(config));
    await client.connect();
    // Waiting inside a statement would hold a snapshot, for which concurrent indexes wait.
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS locked', [LOCK]);
    if (rows[0].locked) return client;
    await client.end();
    throw new Error('another migration is running');
  }

  const client = await reach(config, connect, console.log);
  client.on('error', () => {}); // the statement in flight fails, too
  await client.query(`CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const limit = config.databaseTimeoutMs;
  return {
    run: (sql: string, values?: unknown[]) => client.query(sql, values).then(({ rows }) => rows),
    // A lock that it waits for makes everybody after it wait, too.
    begin: () => client.query(`BEGIN; SET LOCAL lock_timeout = ${limit}; SAVEPOINT migration`),
    // What is deferred is checked while the migration can still be undone.
    commit: () => client.query('SET CONSTRAINTS ALL IMMEDIATE; COMMIT'),
    close: () => client.end(),
  };
}
