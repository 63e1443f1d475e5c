// Brings the schema up to date: applies each new file of migrations/, in order and once.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from './config.ts';
import { openForMigration } from './database.ts';

type Connection = Awaited<ReturnType<typeof openForMigration>>;
type Migration = { name: string; sql: string; checksum: string };

const FOLDER = process.argv[2] ?? fileURLToPath(new URL('../migrations', import.meta.url));

function readMigrations(): Migration[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => {
    const sql = readFileSync(join(FOLDER, name), 'utf8').replaceAll('\r\n', '\n');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/** Throws unless everything that was applied is here as it was, and before all that is new. */
function check(migrations: Migration[], applied: Map<string, string>) {
  for (const [name, checksum] of applied) {
    const migration = migrations.find((one) => one.name === name);
    if (!migration) throw new Error(`${name} was applied and is missing: bring it back`);
    if (migration.checksum !== checksum) {
      throw new Error(`${name} was applied and has been edited: undo that, and add a new file`);
    }
  }
  const last = [...applied.keys()].sort().at(-1) ?? '';
  const late = migrations.find(({ name }) => name < last && !applied.has(name));
  if (late) throw new Error(`${late.name} is before ${last}, which was applied: rename it`);
}

/** Applies a migration unless another process has meanwhile; returns whether it did. */
async function apply({ name, sql, checksum }: Migration, { run, begin, commit }: Connection) {
  const isAlone = sql.startsWith('-- no transaction\n');
  try {
    if (!isAlone) await begin();
    const [done] = await run('SELECT name FROM migrations WHERE name = $1', [name]);
    if (!done) {
      await run(sql);
      await run('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
    }
    if (!isAlone) await commit();
    return !done;
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${name} failed${isAlone ? '' : ' and changed nothing'}: ${message}`);
  }
}

async function migrate() {
  const connection = await openForMigration(loadConfig(process.env), console.log);
  const rows = await connection.run('SELECT name, checksum FROM migrations', []);
  const migrations = readMigrations();
  check(migrations, new Map(rows.map(({ name, checksum }) => [String(name), String(checksum)])));
  const applied: string[] = [];
  for (const migration of migrations) {
    if (await apply(migration, connection)) applied.push(migration.name);
  }
  // At an error the process ends, and with it what it had begun.
  await connection.close();
  console.log(`migrations: ${applied.join(', ') || 'nothing new'}`);
}

try {
  await migrate();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
