// Clients that know nothing of a drain: node blind_clients.mjs HOST PORT. They ask until the service closes their
// connections; then counts as JSON on stdout: `lost` is what was sent on a connection that had been answered before.
import net from 'node:net';

const [host, port] = process.argv.slice(2);
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const RESPONSE = /^HTTP\/1\.1 (\d+)[^]*?\r\n\r\n/;
const counts = { answered: 0, lost: 0, never: 0, refused: 0 };

/** Sends batches of requests, each after the answers to the one before and a pause, until a response says close. */
function client(batch, pause) {
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), host).setEncoding('latin1').setNoDelay();
    let received = '';
    let waiting = 0;
    let answered = 0;
    let closing = false;

    function send() {
      if (closing || socket.destroyed) return;
      waiting += batch;
      socket.write(REQUEST.repeat(batch));
    }

    function take() {
      const head = RESPONSE.exec(received);
      const length = Number(/content-length: (\d+)/i.exec(head?.[0])?.[1]);
      if (!head || received.length < head[0].length + length) return false;
      received = received.slice(head[0].length + length);
      waiting -= 1;
      answered += 1;
      if (head[1] !== '200') counts.refused += 1;
      closing ||= /connection: close/i.test(head[0]);
      return true;
    }

    socket.on('connect', send);
    socket.on('error', () => {});
    socket.on('data', (text) => {
      received += text;
      while (take());
      if (waiting === 0) pause ? setTimeout(send, pause) : send();
    });
    socket.on('close', () => {
      counts.answered += answered;
      counts[answered > 0 ? 'lost' : 'never'] += waiting;
      resolve();
    });
  });
}

const clients = [
  ...Array.from({ length: 64 }, () => client(1, 0)),
  ...Array.from({ length: 8 }, () => client(8, 0)),
  ...Array.from({ length: 16 }, () => client(1, 5)),
];
await Promise.all(clients);
console.log(JSON.stringify(counts));
