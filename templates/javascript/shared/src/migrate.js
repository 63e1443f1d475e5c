// Brings the schema up to date: applies each new file of migrations/, in order and once.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { databaseSettings, openForMigration } from './database.js';
import { readers } from './service/settings.js';

// Where nothing locks a migration without a transaction, another process may have been faster.
const RECORD = 'INSERT INTO migrations (name, checksum) VALUES ($1, $2) ON CONFLICT DO NOTHING';
// Fails if a migration has ended its transaction, and with it the savepoint that begin() makes.
const IS_OPEN = 'RELEASE migration; SAVEPOINT migration';
const FOLDER = process.argv[2] ?? `${import.meta.dirname}/../migrations`;

function readMigrations() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => {
    const sql = readFileSync(`${FOLDER}/${name}`, 'utf8').replaceAll('\r\n', '\n');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/** Throws unless all that was applied is here as it was, and comes before what is new. */
function check(migrations, applied) {
  for (const [name, checksum] of applied) {
    const found = migrations.find((migration) => migration.name === name);
    if (!found) throw new Error(`${name} was applied and is missing: bring it back`);
    if (found.checksum !== checksum) throw new Error(`${name} was applied and has been edited`);
  }
  const last = [...applied.keys()].sort().at(-1) ?? '';
  const late = migrations.find(({ name }) => name < last && !applied.has(name));
  if (late) throw new Error(`${late.name} comes before ${last}, which was applied: rename it`);
}

/** What a migration that failed has left, by whether its transaction is still open. */
async function outcome(run) {
  try {
    await run('ROLLBACK TO migration');
    return 'failed and changed nothing';
  } catch {
    return 'failed, and a part may stay, because its transaction ended (is a COMMIT in it?)';
  }
}

/** Applies a migration unless it was applied before; returns whether it did. */
async function apply({ name, sql, checksum }, { run, begin, commit }) {
  const isWithoutTransaction = sql.startsWith('-- no transaction\n');
  if (!isWithoutTransaction) await begin();
  try {
    const [done] = await run('SELECT name FROM migrations WHERE name = $1', [name]);
    if (!done) {
      await run(sql);
      if (!isWithoutTransaction) await run(IS_OPEN);
      await run(RECORD, [name, checksum]);
    }
    if (!isWithoutTransaction) await commit();
    return !done;
  } catch (error) {
    const what = isWithoutTransaction ? 'failed' : await outcome(run);
    throw new Error(`${name} ${what}: ${error.message}`);
  }
}

try {
  const connection = await openForMigration(databaseSettings(readers(process.env)));
  const rows = await connection.run('SELECT name, checksum FROM migrations', []);
  const migrations = readMigrations();
  check(migrations, new Map(rows.map(({ name, checksum }) => [String(name), String(checksum)])));
  const applied = [];
  for (const migration of migrations) {
    if (await apply(migration, connection)) applied.push(migration.name);
  }
  await connection.close();
  console.log(`migrations: ${applied.join(', ') || 'nothing new'}`);
} catch (error) {
  console.error(error.message);
  process.exit(1); // which ends the connection, and so what was begun
}
