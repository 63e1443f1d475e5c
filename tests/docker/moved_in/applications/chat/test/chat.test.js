// Two clients in a room.
const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { io: connect } = require('socket.io-client');
const { createChat } = require('../src/chat');

const { server, io } = createChat();
const clients = [];

before((_, done) => {
  server.listen(0, '127.0.0.1', done);
});

after(() => {
  for (const client of clients) client.close();
  io.close();
});

async function join(room) {
  const client = connect(`http://127.0.0.1:${server.address().port}`);
  clients.push(client);
  return { client, size: await client.emitWithAck('join', room) };
}

function next(client, event) {
  return new Promise((resolve) => {
    client.once(event, resolve);
  });
}

test('what one says, all in the room hear', async () => {
  const { client: first } = await join('tea');
  const notice = next(first, 'notice');
  const { client: second, size } = await join('tea');
  assert.equal(size, 2);
  assert.equal(await notice, 'somebody came');
  const said = next(first, 'said');
  second.emit('say', 'tea', 'hello');
  assert.equal(await said, 'hello');
});
