// The route that took a request, for the metrics: a pattern, never a path that a client made up.
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';

declare module 'node:http' {
  interface IncomingMessage {
    route?: string;
  }
}

// fastify publishes each new instance, before its plugins and routes.
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', (route) => {
    const note: onRequestHookHandler = ({ raw }, _reply, done) => {
      raw.route = route.url;
      done();
    };
    route.onRequest = [note].concat(route.onRequest ?? []);
  });
});

/** The pattern of a request's route, such as `/users/:id`, or `other`: what no route took. */
export const routeOf = (req: IncomingMessage) => req.route ?? 'other';
