// The routes: what the service answers, and which input it accepts.
import type { FastifyInstance } from 'fastify';
import { HttpError } from './errors.ts';
import type { Context } from './lifecycle.ts';

const echoBody = {
  type: 'object',
  properties: { message: { type: 'string', minLength: 1, maxLength: 1000 } },
  required: ['message'],
  additionalProperties: false,
};

/** The plugin with the routes; `status` tells /readyz whether the service takes requests. */
export async function routes(app: FastifyInstance, { status }: Context) {
  app.get('/', (_request, reply) => {
    reply.type('text/plain; charset=utf-8').send('Hello, Docker Multi-Stage Build!');
  });

  app.get('/livez', (_request, reply) => {
    reply.type('text/plain; charset=utf-8').send('ok');
  });

  app.get('/readyz', (_request, reply) => {
    if (!status.ready) throw new HttpError(503);
    reply.type('text/plain; charset=utf-8').send('ok');
  });

  app.post('/echo', { schema: { body: echoBody } }, (request, reply) => {
    reply.send(request.body);
  });
}
