// The route that took a request, for the metrics: a pattern, never a path that a client made up.
import { subscribe } from 'node:diagnostics_channel';

// fastify publishes each new instance, before its plugins and routes.
subscribe('fastify.initialization', (message) => {
  const { fastify } = message;
  fastify.addHook('onRoute', (route) => {
    const note = ({ raw }, _reply, done) => {
      raw.route = route.url;
      done();
    };
    route.onRequest = [note].concat(route.onRequest ?? []);
  });
});

/** The pattern of a request's route, such as `/users/:id`, or `other`: what no route took. */
export const routeOf = (req) => req.route ?? 'other';
