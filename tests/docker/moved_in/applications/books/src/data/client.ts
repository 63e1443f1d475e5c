// The database, through the client that Prisma generates.
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaClient } from '#generated/prisma/client.js';

const { hostname, username, password, pathname } = new URL(
  process.env.DATABASE_URL ?? 'mysql://app:app@mysql/app',
);

export const prisma = new PrismaClient({
  adapter: new PrismaMariaDb({
    host: hostname,
    user: username,
    password,
    database: pathname.slice(1),
    connectionLimit: 5,
  }),
});
