// The express application: what a request meets, in order.
import express from 'express';
import helmet from 'helmet';
import { HttpError, sendError } from './errors.js';
import { createServer } from './lifecycle.js';
import { createRoutes } from './routes.js';

/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp({ config, logger, status }) {
  const headers = new Map([['Cache-Control', 'no-store']]);
  const context = { config, logger, status, headers };
  // No ETag: no answer may be stored, so there is nothing to revalidate.
  const app = express().disable('x-powered-by').disable('etag');
  // Helmet's headers are the same for every answer of an API, so they are asked for once.
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
  const contentSecurityPolicy = { useDefaults: false, directives };
  const recorder = { setHeader: (name, value) => headers.set(name, value), removeHeader() {} };
  helmet({ contentSecurityPolicy, xFrameOptions: { action: 'deny' } })({}, recorder, () => {});
  app.use((req, res, next) => {
    res.setHeaders(headers).setHeader('X-Request-Id', req.id);
    next();
  });
  app.use(createRoutes(context));
  app.use((_req, _res, next) => next(new HttpError(404)));
  app.use((error, req, res, _next) => sendError(context, error, req, res));
  return createServer(context, app);
}
