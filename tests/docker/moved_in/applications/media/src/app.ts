// The application: every plugin and every route of its folders.
import { join } from 'node:path';
import autoload from '@fastify/autoload';
import type { FastifyInstance } from 'fastify';

export default async function media(app: FastifyInstance) {
  await app.register(autoload, { dir: join(import.meta.dirname, 'plugins') });
  await app.register(autoload, { dir: join(import.meta.dirname, 'routes') });
}
