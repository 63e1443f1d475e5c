// The database: one file, how it is used, and the hooks of startService().
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Config } from './config.ts';
import { HttpError } from './service/errors.ts';
import type { Logger } from './service/logger.ts';
import type { Context } from './service/server.ts';
import type { Readers } from './service/settings.ts';

// How long a statement waits for another process that writes, such as a migration.
const BUSY_MS = 1000;
const MIGRATION_BUSY_MS = 30_000;
// Result codes that say nothing against a statement: busy, I/O error, full disk, cannot open.
const UNAVAILABLE = [5, 10, 13, 14];

let database: DatabaseSync;
let log: Logger;
const statements = new Map<string, StatementSync>();

/** The settings. */
export function databaseSettings({ text }: Readers) {
  return { databaseFile: text('DATABASE_FILE', '/data/app.db', /./, 'a path') };
}

/** Opens the file, or makes it; throws an error that names it. */
function open(file: string, options: object) {
  try {
    const opened = new DatabaseSync(file, options);
    // Readers and a writer do not wait for each other.
    opened.exec('PRAGMA journal_mode = WAL');
    return opened;
  } catch (error) {
    throw new Error(`DATABASE_FILE ${file} cannot be used: ${(error as Error).message}`);
  }
}

/** Binds values to $1, $2 and so on. */
function bound(values: SQLInputValue[]) {
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}

/** Runs a statement; values go into its $1, $2 and so on, never into its text. */
export function query<Row>(sql: string, values: SQLInputValue[] = []): Row[] {
  try {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement.all(bound(values)) as Row[];
  } catch (err) {
    const { errcode = 0 } = err as { errcode?: number };
    if (!UNAVAILABLE.includes(errcode & 0xff)) throw err;
    log.warn({ err }, 'database unavailable');
    throw new HttpError(503, 'the database is unavailable');
  }
}

/** Runs statements by query(): all of them, or none if `work`, which must not await, throws. */
export function transaction<T>(work: () => T): T {
  query('BEGIN IMMEDIATE');
  try {
    const result = work();
    query('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Opens the file; ends the process if it cannot. */
export function onStart({ config, logger }: Context<Config>) {
  log = logger;
  try {
    database = open(config.databaseFile, { timeout: BUSY_MS });
  } catch (error) {
    logger.fatal((error as Error).message);
    process.exit(1);
  }
}

export const isReady = () => query('SELECT name FROM sqlite_schema LIMIT 1');

export function onClose() {
  statements.clear();
  database.close();
}

/** A connection for migrate, which may rebuild tables that others refer to. */
export function openForMigration({ databaseFile }: ReturnType<typeof databaseSettings>) {
  const options = { timeout: MIGRATION_BUSY_MS, enableForeignKeyConstraints: false };
  const connection = open(databaseFile, options);

  function run(sql: string, values?: SQLInputValue[]) {
    if (values) return connection.prepare(sql).all(bound(values));
    connection.exec(sql);
    return [];
  }

  run(`CREATE TABLE IF NOT EXISTS migrations (
    name TEXT PRIMARY KEY,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
  ) STRICT`);
  return {
    run,
    begin: () => run('BEGIN IMMEDIATE; SAVEPOINT migration'),
    commit() {
      const [broken] = run('PRAGMA foreign_key_check', []);
      if (broken) throw new Error(`a row in ${broken.table} refers to one that is not there`);
      run('COMMIT');
    },
    close: () => connection.close(),
  };
}
