// The file of SQLite: how it is opened, transactions, and what is not a statement's fault.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { loadConfig } from '../src/config.ts';
import { isReady, onClose, onStart, query, transaction } from '../src/database.ts';
import { HttpError } from '../src/service/errors.ts';
import { createLogger } from '../src/service/logger.ts';
import { freshDatabase } from './fresh-database.ts';
import { migrate } from './migrating.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;

const logger = createLogger('silent');
const status = { ready: true, draining: false };
const is503 = (error: unknown) => error instanceof HttpError && error.status === 503;

before(async () => {
  database = await freshDatabase();
  onStart({ config: loadConfig(database.env), logger, status });
  query('CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT) STRICT');
});

after(async () => {
  onClose();
  await database.remove();
});

test('it writes ahead, and keeps foreign keys', () => {
  assert.partialDeepStrictEqual(query<object>('PRAGMA journal_mode'), [{ journal_mode: 'wal' }]);
  assert.partialDeepStrictEqual(query<object>('PRAGMA foreign_keys'), [{ foreign_keys: 1 }]);
  assert.ok(isReady());
});

test('a transaction is whole or not at all', () => {
  const count = () => query('SELECT id FROM texts').length;
  transaction(() => query('INSERT INTO texts (text) VALUES ($1)', ['kept']));
  const before = count();
  const failing = () => {
    query('INSERT INTO texts (text) VALUES ($1)', ['not kept']);
    throw new HttpError(409);
  };
  assert.throws(() => transaction(failing), { status: 409 });
  assert.equal(count(), before);
});

test('while another process writes, reads go on, and a write is a 503 in the end', () => {
  const other = new DatabaseSync(database.env.DATABASE_FILE);
  other.exec('BEGIN IMMEDIATE');
  const insert = () => query('INSERT INTO texts (text) VALUES ($1)', ['late']);
  assert.ok(query('SELECT id FROM texts').length > 0);
  assert.throws(insert, is503);
  other.exec('COMMIT');
  other.close();
  insert();
});

test('a full disk is a 503, and no fault of a statement', () => {
  query('PRAGMA max_page_count = 1');
  const insert = () => query('INSERT INTO texts (text) VALUES ($1)', ['x'.repeat(1000)]);
  assert.throws(() => {
    for (let count = 0; count < 100; count++) insert();
  }, is503);
  query('PRAGMA max_page_count = 1000000');
  insert();
});

test('a file that cannot be used ends the start, in a line that names it', (t) => {
  t.mock.method(process, 'exit', (code: number) => {
    throw new Error(`exit ${code}`);
  });
  const fatal = t.mock.method(logger, 'fatal', () => {});
  const config = loadConfig({ DATABASE_FILE: '/nowhere/app.db' });
  assert.throws(() => onStart({ config, logger, status }), /exit 1/);
  const [line] = fatal.mock.calls[0].arguments as unknown[];
  assert.match(String(line), /^DATABASE_FILE \/nowhere\/app.db cannot be used: /);
});

test('a migration may rebuild a table that others refer to, and breaks none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  const run = async (name: string, sql: string) => {
    writeFileSync(join(folder, name), sql);
    return migrate(fresh.env, folder);
  };
  const fresh = await freshDatabase();
  const tables = `
    CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE two (one_id INTEGER REFERENCES one ON DELETE CASCADE) STRICT;
    INSERT INTO one VALUES (1);
    INSERT INTO two VALUES (1);`;
  await run('1.sql', tables);
  const rebuild = `
    CREATE TABLE another (id INTEGER PRIMARY KEY, text TEXT) STRICT;
    INSERT INTO another SELECT id, 'kept' FROM one;
    DROP TABLE one;
    ALTER TABLE another RENAME TO one;`;
  assert.equal((await run('2.sql', rebuild)).code, 0);
  const { code, stderr } = await run('3.sql', 'DELETE FROM one;');
  assert.equal(code, 1);
  assert.match(stderr, /^3\.sql failed and changed nothing: a row in two refers to one/);
  const file = new DatabaseSync(fresh.env.DATABASE_FILE);
  assert.equal(file.prepare('SELECT * FROM one JOIN two ON one_id = id').all().length, 1);
  file.close();
  rmSync(folder, { recursive: true });
  await fresh.remove();
});
