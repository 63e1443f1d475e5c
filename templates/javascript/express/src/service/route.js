// The route that took a request, for the metrics: a pattern, never a path that a client made up.

// req.baseUrl would be the path that a client sent: a router may be mounted at /users/:id.
const patterns = new WeakMap();

/** Notes the whole pattern of every route in a router and those in it. */
function note(layers, base) {
  for (const { handle, rawPath, route } of layers) {
    if (route) patterns.set(route, `${base}${route.path}`);
    else if (handle.stack) note(handle.stack, rawPath === '/' ? base : `${base}${rawPath}`);
  }
}

/** The pattern of a request's route, such as `/users/:id`, or `other`: what no route took. */
export function routeOf(req) {
  const { app, route } = req;
  if (!route) return 'other';
  const known = patterns.get(route);
  if (known) return known;
  patterns.set(route, String(route.path));
  // A route that was added later is found now.
  note(app.router.stack, app.path());
  return patterns.get(route);
}
