// The route that took a request, for the metrics: a pattern, never a path that a client made up.
import type { IncomingMessage } from 'node:http';

declare module 'node:http' {
  interface IncomingMessage {
    // Set by whoever finds the route.
    route?: string;
  }
}

/** The pattern of a request's route, or `other`: what no route took. */
export const routeOf = (req: IncomingMessage) => req.route ?? 'other';
