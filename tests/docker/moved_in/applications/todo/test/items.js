// The API, against a database in memory.
const assert = require('assert');
const { createApp } = require('../src/app');
const { openStore } = require('../src/store');

describe('items', () => {
  let server;
  let origin;

  before((done) => {
    server = createApp(openStore(':memory:')).listen(0, () => {
      origin = `http://localhost:${server.address().port}`;
      done();
    });
  });

  after((done) => {
    server.close(done);
  });

  async function send(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(origin + path, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }

  it('are added and finished', async () => {
    const added = await send('POST', '/api/items', { title: ' milk ' });
    assert.deepStrictEqual(added, { status: 201, body: { id: 1, title: 'milk', done: 0 } });
    const { body } = await send('PATCH', '/api/items/1');
    assert.strictEqual(body.done, 1);
  });

  it('need a title', async () => {
    assert.strictEqual((await send('POST', '/api/items', {})).status, 400);
  });

  it('have a page', async () => {
    const page = await (await fetch(origin)).text();
    assert.match(page, /<title>To do<\/title>/);
  });
});
