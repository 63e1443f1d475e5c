// The route that took a request, for the metrics: a pattern, never a path that a client made up.

/** The pattern of a request's route, or `other`: what no route took. */
export const routeOf = (req) => req.route ?? 'other';
