// The routes of the cats, over HTTP.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppModule, validation } from '../src/app.module';

let app: INestApplication;
let origin: string;

before(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = module.createNestApplication({ logger: false });
  app.useGlobalPipes(validation);
  await app.listen(0, '127.0.0.1');
  origin = await app.getUrl();
});

after(() => app.close());

function add(cat: object) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${origin}/cats`, { method: 'POST', headers, body: JSON.stringify(cat) });
}

test('a cat is added and found', async () => {
  const added = await add({ name: 'Tom', age: 3 });
  assert.equal(added.status, 201);
  assert.deepEqual(await added.json(), { id: 1, name: 'Tom', age: 3, colour: 'black' });
  assert.equal((await fetch(`${origin}/cats/1`)).status, 200);
  assert.equal((await fetch(`${origin}/cats/2`)).status, 404);
});

test('what is no cat is refused', async () => {
  assert.equal((await add({ name: 'Tom', age: -1 })).status, 400);
  assert.equal((await add({ name: 'Tom', age: 1, colour: 'pink' })).status, 400);
});

test('it is healthy', async () => {
  assert.equal((await fetch(`${origin}/health`)).status, 200);
});
