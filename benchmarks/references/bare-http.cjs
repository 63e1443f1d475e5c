// Bare node:http: the greeting and the signal that `docker stop` sends, nothing else.
const http = require('node:http');

http
  .createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': 32 });
    res.end('Hello, Docker Multi-Stage Build!');
  })
  .listen(3000);
process.on('SIGTERM', () => process.exit(0));
