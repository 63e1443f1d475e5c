// The command that brings the schema up to date, with migrations of its own.
//% if false
// biome-ignore-all lint/suspicious/noRedeclare: one of two, by the answers
// biome-ignore-all lint/correctness/noUnusedVariables: one of two, by the answers
//% endif
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { loadConfig } from '../src/config.ts';
import { onClose, onStart, query } from '../src/database.ts';
import { createLogger } from '../src/service/logger.ts';
import { freshDatabase } from './fresh-database.ts';
import { migrate } from './migrating.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;

beforeEach(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  write('0001-first.sql', 'CREATE TABLE first (id int PRIMARY KEY);\n');
  write('notes.md', 'no migration');
  const status = { ready: true, draining: false };
  await onStart({ config: loadConfig(database.env), logger: createLogger('silent'), status });
});

afterEach(async () => {
  await onClose();
  await database.remove();
  rmSync(folder, { recursive: true });
});

const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);
const run = () => migrate(database.env, folder);

/** Runs it; it must refuse, in one line that begins so. */
async function assertRefused(line: string) {
  const { code, stderr } = await run();
  assert.equal(code, 1);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.ok(stderr.startsWith(line), stderr);
}

test('what is new is applied, in order, and once', async () => {
  write('0003-third.sql', 'INSERT INTO second VALUES (3);\n');
  write('0002-second.sql', 'CREATE TABLE second (id int);\nINSERT INTO second VALUES (2);\n');
  const { code, stdout } = await run();
  assert.equal(code, 0);
  assert.equal(stdout, 'migrations: 0001-first.sql, 0002-second.sql, 0003-third.sql\n');
  assert.equal((await run()).stdout, 'migrations: nothing new\n');
  const rows = await query<{ id: number }>('SELECT id FROM second ORDER BY id');
  assert.deepEqual(
    rows.map(({ id }) => id),
    [2, 3],
  );
});

test('two at once apply it once', async () => {
  write('0002-second.sql', 'CREATE TABLE second (id int);\n');
  const outputs = await Promise.all([run(), run(), run()]);
  assert.deepEqual(
    outputs.map(({ code }) => code),
    [0, 0, 0],
    JSON.stringify(outputs),
  );
  assert.equal(outputs.filter(({ stdout }) => stdout.includes('second.sql')).length, 1);
});

test('one that was applied must stay as it was, but for its line ends', async () => {
  await run();
  write('0001-first.sql', 'CREATE TABLE first (id int PRIMARY KEY);\r\n');
  assert.equal((await run()).code, 0);
  write('0001-first.sql', 'CREATE TABLE first (id bigint PRIMARY KEY);\n');
  await assertRefused('0001-first.sql was applied and has been edited');
  rmSync(join(folder, '0001-first.sql'));
  await assertRefused('0001-first.sql was applied and is missing');
});

test('a new one comes after all that were applied', async () => {
  await run();
  write('0000-late.sql', 'CREATE TABLE late (id int);\n');
  await assertRefused('0000-late.sql comes before 0001-first.sql');
});

test('one that fails changes nothing, and those before it stay', async () => {
  write('0002-second.sql', 'CREATE TABLE second (id int);\nINSERT INTO nowhere VALUES (1);\n');
  await assertRefused('0002-second.sql failed and changed nothing: ');
  assert.deepEqual(await query('SELECT id FROM first'), []);
  await assert.rejects(async () => query('SELECT id FROM second'));
  write('0002-second.sql', 'CREATE TABLE second (id int);\n');
  assert.equal((await run()).stdout, 'migrations: 0002-second.sql\n');
});

test('what is checked at the end of the transaction fails it as a whole', async () => {
  const column = 'one int REFERENCES first (id) DEFERRABLE INITIALLY DEFERRED';
  write('0002-second.sql', `CREATE TABLE second (${column});\nINSERT INTO second VALUES (1);\n`);
  await assertRefused('0002-second.sql failed and changed nothing: ');
  await assert.rejects(async () => query('SELECT one FROM second'));
});

test('one that ends its transaction itself is told, and not recorded', async () => {
  const told = '0002-second.sql failed, and a part may stay, because its transaction ended';
  write('0002-second.sql', 'CREATE TABLE second (id int);\nCOMMIT;\nSELECT * FROM nowhere;\n');
  await assertRefused(told);
  assert.deepEqual(await query('SELECT id FROM second'), []);
  write('0002-second.sql', 'DROP TABLE second;\nCOMMIT;\n');
  await assertRefused(told);
  write('0002-second.sql', 'CREATE TABLE second (id int); -- no end of the line');
  assert.equal((await run()).stdout, 'migrations: 0002-second.sql\n');
});

test('a BEGIN of a trigger or a function is not that of a transaction', async () => {
  //% if cookiecutter.database == 'sqlite'
  const sql = `CREATE TRIGGER second AFTER INSERT ON first BEGIN
    DELETE FROM first WHERE id < new.id;
  END;\n`;
  //% else
  const sql = `CREATE FUNCTION one() RETURNS int BEGIN ATOMIC SELECT 1; END;
  CREATE FUNCTION second() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM first WHERE id < new.id;
    RETURN NULL;
  END $$;
  CREATE TRIGGER second AFTER INSERT ON first FOR EACH ROW EXECUTE FUNCTION second();\n`;
  //% endif
  write('0002-second.sql', sql);
  assert.equal((await run()).code, 0);
  await query('INSERT INTO first VALUES (1)');
  await query('INSERT INTO first VALUES (2)');
  const rows = await query<{ id: number }>('SELECT id FROM first');
  assert.deepEqual(
    rows.map(({ id }) => id),
    [2],
  );
});

test('what cannot run in a transaction says so in its first line', async () => {
  //% if cookiecutter.database == 'sqlite'
  const sql = 'VACUUM;\n';
  //% else
  const sql = 'CREATE INDEX CONCURRENTLY second ON first (id);\n';
  //% endif
  write('0002-second.sql', sql);
  await assertRefused('0002-second.sql failed and changed nothing');
  write('0002-second.sql', `-- no transaction\n${sql}`);
  const outputs = await Promise.all([run(), run()]);
  assert.deepEqual(
    outputs.map(({ code }) => code),
    [0, 0],
    JSON.stringify(outputs),
  );
});
