// Reads a note by its key with the driver that DRIVER names, by the SQL of the template's service.
import pg from 'pg';

const SQL = 'SELECT CAST(id AS text) AS id, text, created_at AS "createdAt" FROM notes WHERE id = $1';

async function postgres() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  return async (id) => (await pool.query(SQL, [id])).rows[0];
}

async function sqlite() {
  const { DatabaseSync } = await import('node:sqlite');
  const statement = new DatabaseSync('/data/app.db').prepare(SQL);
  return (id) => statement.get({ $1: id });
}

export const readNote = await { postgres, sqlite }[process.env.DRIVER]();
