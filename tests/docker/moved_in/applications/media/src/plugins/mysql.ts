// The database, as app.mysql.
import { setTimeout as sleep } from 'node:timers/promises';
import fp from 'fastify-plugin';
import { createPool, type Pool } from 'mysql2/promise';

declare module 'fastify' {
  interface FastifyInstance {
    mysql: Pool;
  }
}

const TABLE = `CREATE TABLE IF NOT EXISTS files (
  id CHAR(36) PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  size INT NOT NULL
)`;

/** Waits for a database that starts at the same time. */
async function createTable(pool: Pool, attempts = 15) {
  try {
    await pool.query(TABLE);
  } catch (error) {
    if (attempts === 1) throw error;
    await sleep(500);
    await createTable(pool, attempts - 1);
  }
}

export default fp(async (app) => {
  const pool = createPool({ uri: process.env.DATABASE_URL, connectionLimit: 5 });
  await createTable(pool);
  app.decorate('mysql', pool);
  app.addHook('onClose', () => pool.end());
});
