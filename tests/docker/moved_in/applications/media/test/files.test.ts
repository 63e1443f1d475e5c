// Uploads, with the database of docker-compose.yml.
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import media from '../src/app.ts';

process.env.DATABASE_URL ??= 'mysql://app:app@mysql/app';
const app = Fastify();

beforeAll(async () => {
  await app.register(media);
});

afterAll(() => app.close());

function upload(content: string) {
  const body = new FormData();
  body.set('file', new Blob([content]), 'note.txt');
  return app.inject({ method: 'POST', url: '/files', body });
}

test('a file comes back as it was', async () => {
  const { statusCode, json } = await upload('hello');
  expect(statusCode).toBe(201);
  const found = await app.inject(`/files/${json().id}`);
  expect(found.body).toBe('hello');
});

test('a file has a limit', async () => {
  expect((await upload('x'.repeat(6_000_000))).statusCode).toBe(413);
});

test('what is not there is a 404', async () => {
  expect((await app.inject(`/files/${crypto.randomUUID()}`)).statusCode).toBe(404);
});
