// The express application: what a request meets, in order.
import express from 'express';
import helmet from 'helmet';
import { HttpError, sendError } from './errors.js';
import { createServer } from './lifecycle.js';
import { createRoutes } from './routes.js';

/** Helmet's headers are the same for every answer of an API, so they are asked for once. */
function securityHeaders() {
  const headers = new Map([['Cache-Control', 'no-store']]);
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
  const contentSecurityPolicy = { useDefaults: false, directives };
  const apply = helmet({ contentSecurityPolicy, xFrameOptions: { action: 'deny' } });
  apply({}, { setHeader: (name, value) => headers.set(name, value), removeHeader() {} }, () => {});
  return headers;
}

/** Builds the service: its server, its status and drain() (see lifecycle.js). */
export function createApp({ config, logger }) {
  const status = { ready: false, draining: false };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // no answer may be stored, so there is nothing to revalidate
  app.use(createRoutes({ config, status }));
  app.use((_req, _res, next) => next(new HttpError(404)));
  app.use((error, req, res, _next) => sendError(logger, error, req, res));
  return createServer({ config, logger, status, headers: securityHeaders() }, app);
}
