// The route that took a request, for the metrics: a pattern, never a path that a client made up.
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

const patterns = new WeakMap<IncomingMessage, string>();

// fastify publishes each new instance, before its plugins and routes.
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { url } = request.routeOptions;
    if (url) patterns.set(request.raw, url);
    done();
  });
});

/** The pattern of a request's route, such as `/users/:id`, or `other`: what no route took. */
export const routeOf = (req: IncomingMessage) => patterns.get(req) ?? 'other';
