// The route that took a request, for the metrics: a pattern, never a path that a client made up.
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

// On the request itself: an entry of a WeakMap costs as much as all else that is measured.
const pattern = Symbol('pattern');
type Routed = IncomingMessage & { [pattern]?: string };

// fastify publishes each new instance, before its plugins and routes.
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRequest', (request, _reply, done) => {
    const routed: Routed = request.raw;
    routed[pattern] = request.routeOptions.url;
    done();
  });
});

/** The pattern of a request's route, such as `/users/:id`, or `other`: what no route took. */
export const routeOf = (req: Routed) => req[pattern] ?? 'other';
