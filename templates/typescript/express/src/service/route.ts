// The route that took a request, for the metrics: a pattern, never a path that a client made up.
import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';

/** What a router holds: a route, or another router with the pattern that it is mounted at. */
interface Layer {
  handle: { stack?: Layer[] };
  rawPath: unknown;
  route?: { path: unknown };
}

// req.baseUrl would be the path that a client sent: a router may be mounted at /users/:id.
const patterns = new WeakMap<object, string>();

/** Notes the whole pattern of every route in a router and those in it. */
function note(layers: Layer[], base: string) {
  for (const { handle, rawPath, route } of layers) {
    if (route) patterns.set(route, `${base}${route.path}`);
    else if (handle.stack) note(handle.stack, rawPath === '/' ? base : `${base}${rawPath}`);
  }
}

/** The pattern of a request's route, such as `/users/:id`, or `other`: what no route took. */
export function routeOf(req: IncomingMessage) {
  const { app, route } = req as Request;
  if (!route) return 'other';
  const known = patterns.get(route);
  if (known) return known;
  patterns.set(route, String(route.path));
  // A route that was added later is found now.
  note(app.router.stack as unknown as Layer[], app.path());
  return patterns.get(route) as string;
}
