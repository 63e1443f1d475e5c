// The label of a route: whole patterns of plugins with prefixes, whatever a client asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { routeOf } from '../../src/service/route.ts';

const routes: string[] = [];
const app = Fastify();
app.addHook('onResponse', async (request) => {
  routes.push(routeOf(request.raw));
});
app.register(
  async (users: FastifyInstance) => {
    users.addHook('onRequest', async ({ headers }, reply) => {
      if (headers.authorization === 'none') await reply.code(401).send();
    });
    users.get('/', async () => 'users');
    users.get('/:id', async () => 'user');
    users.get('/:id/broken', async () => {
      throw new Error('broken');
    });
  },
  { prefix: '/users' },
);

async function ask(...paths: string[]) {
  for (const path of paths) await app.inject(path);
  return routes.splice(0);
}

test('the label is the pattern with its prefix, after an error too', async () => {
  const labels = await ask('/users/7?q=1', '/users/8/broken');
  assert.deepEqual(labels, ['/users/:id', '/users/:id/broken']);
});

test('a request that a plugin refuses has the label of its route', async () => {
  const refused = { url: '/users/7', headers: { authorization: 'none' } };
  assert.equal((await app.inject(refused)).statusCode, 401);
  assert.deepEqual(routes.splice(0), ['/users/:id']);
});

test('a route at its prefix has one label, with a slash and without', async () => {
  assert.deepEqual(await ask('/users', '/users/'), ['/users', '/users']);
});

test('what no route takes has one label', async () => {
  assert.deepEqual(await ask('/none', '/users/7/none'), ['other', 'other']);
});
