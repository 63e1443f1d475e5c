// Bare node:http: the greeting, and a note by its key.
import http from 'node:http';
import { readNote } from './store.js';

http
  .createServer(async (req, res) => {
    if (req.url === '/') return res.end('Hello, Docker Multi-Stage Build!');
    const body = JSON.stringify(await readNote(req.url.split('/')[2]));
    const length = Buffer.byteLength(body);
    res.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length }).end(body);
  })
  .listen(3000);
process.on('SIGTERM', () => process.exit(0));
