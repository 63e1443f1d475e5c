// The routes by themselves, without a network: app.inject() meets the plugins, hooks and schemas.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';

let app: Awaited<ReturnType<typeof createApp>>['app'];

before(async () => {
  const status = { ready: true, draining: false };
  ({ app } = await createApp({
    config: loadConfig({}, assert.fail),
    logger: createLogger('silent'),
    status,
  }));
});

after(() => app.close());

test('GET / greets', async () => {
  const response = await app.inject('/');
  assert.equal(response.statusCode, 200);
  assert.equal(response.body, 'Hello, Docker Multi-Stage Build!');
});

test('POST /echo returns what its schema allows, and neither repairs nor drops the rest', async () => {
  const echo = (payload: object) => app.inject({ method: 'POST', url: '/echo', payload });
  assert.deepEqual((await echo({ message: 'hi' })).json(), { message: 'hi' });
  for (const payload of [{ message: 1 }, { message: '' }, { message: 'hi', more: true }]) {
    assert.equal((await echo(payload)).statusCode, 400);
  }
});
