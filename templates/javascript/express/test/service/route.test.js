// The label of a route: whole patterns of mounted routers, whatever a client asks for.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import express from 'express';
import { routeOf } from '../../src/service/route.js';

const routes = [];
const fail = (_error, _req, res, _next) => {
  res.status(500).end();
};

const app = express();
app.use((req, res, next) => {
  res.once('finish', () => routes.push(routeOf(req)));
  next();
});
const posts = express.Router();
posts.get('/posts/:post', (_req, res) => {
  res.end();
});
posts.get('/broken', () => {
  throw new Error('broken');
});
app.use('/users/:id', express.Router().use(posts));
const admin = express();
admin.get('/log', (_req, res) => {
  res.end();
});
app.use('/admin', admin);
app.use(express.static('test'));
app.use(fail);

async function ask(...paths) {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  for (const path of paths) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  server.close();
  return routes.splice(0);
}

test('the label is the pattern, of mounted routers and applications too', async () => {
  assert.deepEqual(await ask('/users/7/posts/8', '/users/9/broken', '/admin/log?q=1'), [
    '/users/:id/posts/:post',
    '/users/:id/broken',
    '/admin/log',
  ]);
});

test('a route that is added later has its pattern, too', async () => {
  const later = express.Router().get('/:name', (_req, res) => {
    res.end();
  });
  app.use('/later', later);
  assert.deepEqual(await ask('/later/one', '/later/two'), ['/later/:name', '/later/:name']);
});

test('what no route takes has one label, files too', async () => {
  const label = await ask('/none', '/users/7', '/service/route.test.js');
  assert.deepEqual(label, ['other', 'other', 'other']);
});
