// node:http with what people add to it: pino-http and helmet, both with their defaults.
import http from 'node:http';
import helmet from 'helmet';
import pinoHttp from 'pino-http';

const log = pinoHttp();
const secure = helmet();
http
  .createServer((req, res) => {
    log(req, res);
    secure(req, res, () => {
      res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': 32 });
      res.end('Hello, Docker Multi-Stage Build!');
    });
  })
  .listen(3000);
process.on('SIGTERM', () => process.exit(0));
