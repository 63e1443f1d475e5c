// The database, as app.mysql.
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

export default fp(async (app) => {
  const pool = createPool({ uri: process.env.DATABASE_URL, connectionLimit: 5 });
  await pool.query(TABLE);
  app.decorate('mysql', pool);
  app.addHook('onClose', () => pool.end());
});
