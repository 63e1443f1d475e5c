// The pages, as a browser with cookies asks for them.
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { after, before, test } = require('node:test');

process.env.SESSION_SECRET = 'only-for-tests'; // gitleaks:allow
const { app } = require('../src/app');
let server;
let cookie = '';

before(async () => {
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => server.close());

async function ask(path, options = {}) {
  const url = `http://127.0.0.1:${server.address().port}${path}`;
  const response = await fetch(url, { redirect: 'manual', headers: { cookie }, ...options });
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
  return { status: response.status, body: await response.text() };
}

const buy = (id) => ask('/basket', { method: 'POST', body: new URLSearchParams({ id }) });

test('the basket is empty, then it has what was bought', async () => {
  assert.match((await ask('/')).body, /In your basket: 0/);
  assert.equal((await buy('cup')).status, 302);
  assert.match((await ask('/basket')).body, /<li>Cup<\/li>/);
  assert.equal((await buy('car')).status, 404);
});

test('errors are pages', async () => {
  assert.match((await ask('/nothing')).body, /No such page/);
  assert.match((await ask('/broken')).body, /Something failed/);
});
