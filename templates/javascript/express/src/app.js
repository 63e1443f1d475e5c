// The express application: what handles a request, in order.
import express from 'express';
//% if cookiecutter.database != 'none'
import { createNotes } from './notes.js';
//% endif
import { createRoutes } from './routes.js';
import { HttpError, sendError } from './service/errors.js';
import { Response as ServiceResponse } from './service/headers.js';
import { createServer } from './service/server.js';

// express sets this prototype on every response; it must inherit from ours.
Object.setPrototypeOf(express.response, ServiceResponse.prototype);

/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp(context) {
  // No ETag of a route: its response may not be stored, so there is nothing to revalidate.
  const app = express().disable('x-powered-by').disable('etag');
  // req.ip, req.protocol and req.hostname are the client's.
  app.set('trust proxy', context.config.trustProxy ?? false);
  app.use(createRoutes(context));
  //% if cookiecutter.database != 'none'
  app.use(createNotes(context));
  //% endif
  app.use((_req, _res, next) => next(new HttpError(404)));
  app.use((error, req, res, _next) => {
    sendError(context, error, req, res);
  });
  return createServer(context, app);
}
