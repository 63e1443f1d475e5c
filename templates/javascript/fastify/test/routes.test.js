// The routes by themselves, without a network: app.inject() runs the plugins, hooks and schemas.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { createLogger } from '../src/service/logger.js';

let app;

before(async () => {
  const status = { ready: true, draining: false };
  const context = { config: loadConfig({}), logger: createLogger('silent'), status };
  ({ app } = await createApp(context));
});

after(() => app.close());

test('GET / greets', async () => {
  const response = await app.inject('/');
  assert.equal(response.statusCode, 200);
  assert.equal(response.body, 'Hello, Docker Multi-Stage Build!\n');
});

test('POST /echo returns what its schema allows, and repairs or drops nothing', async () => {
  const echo = (payload) => app.inject({ method: 'POST', url: '/echo', payload });
  assert.deepEqual((await echo({ message: 'hi' })).json(), { message: 'hi' });
  for (const payload of [{ message: 1 }, { message: '' }, { message: 'hi', more: true }]) {
    assert.equal((await echo(payload)).statusCode, 400);
  }
  assert.equal((await echo({ message: 1 })).json().detail, 'body/message must be string');
});
