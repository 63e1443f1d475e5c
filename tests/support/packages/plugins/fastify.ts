// Popular plugins, registered and used as their own documentation shows.
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import sensible from '@fastify/sensible';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';

const page = { type: 'object', properties: { page: { type: 'integer' } } };

/** The plugin with the routes. */
export async function routes(app: FastifyInstance) {
  await app.register(swagger, { openapi: { info: { title: 'plugins', version: '1.0.0' } } });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  await app.register(cors, { origin: 'https://front.example.com', credentials: true });
  await app.register(helmet, { contentSecurityPolicy: false });
  await app.register(cookie, { secret: 'a secret of this test' });
  await app.register(formbody);
  await app.register(multipart, { limits: { fileSize: 1_000_000 } });
  await app.register(rateLimit, { global: false });
  await app.register(sensible);
  await app.register(compress, { global: false });
  await app.register(websocket);

  app.get('/items', { schema: { querystring: page } }, async (request) => request.query);
  app.get('/limited', { config: { rateLimit: { max: 2, timeWindow: '1 minute' } } }, async () => 'ok');
  app.get('/large', { compress: {} }, async (_request, reply) => {
    reply.type('text/plain');
    return 'x'.repeat(100_000);
  });
  app.get('/gone', async () => {
    throw app.httpErrors.gone('no longer here');
  });
  app.get('/login', async (_request, reply) => {
    reply.setCookie('session', 'ada', { signed: true, httpOnly: true, path: '/' });
    return { ok: true };
  });
  app.get('/me', async (request) => request.unsignCookie(request.cookies.session ?? ''));
  app.post('/form', async (request) => request.body);
  app.post('/upload', { bodyLimit: 2_000_000 }, async (request) => {
    const file = await request.file();
    return { name: file?.filename, size: (await file?.toBuffer())?.length };
  });
  app.get('/ws', { websocket: true }, (socket) => {
    socket.on('message', (message: Buffer) => socket.send(`heard ${message}`));
  });
}
