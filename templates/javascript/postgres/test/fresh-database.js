// A schema of its own for a test file, in the database that DATABASE_URL names.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Makes an empty one; returns the settings that lead there, and remove(). */
export async function freshDatabase() {
  const { DATABASE_URL } = process.env;
  assert.ok(DATABASE_URL, 'DATABASE_URL must name a database for tests, as in `make test`');
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  await client.query(`CREATE SCHEMA ${schema}`);
  const url = new URL(DATABASE_URL);
  url.searchParams.set('options', `-c search_path=${schema}`);

  async function remove() {
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    await client.end();
  }

  return { env: { DATABASE_URL: url.href }, remove };
}
