// The express application: what handles a request, in order.
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Config } from './config.ts';
//% if cookiecutter.database != 'none'
import { createNotes } from './notes.ts';
//% endif
import { createRoutes } from './routes.ts';
import { HttpError, sendError } from './service/errors.ts';
import { Response as ServiceResponse } from './service/headers.ts';
import { type Context, createServer, type Handler } from './service/server.ts';

// express sets this prototype on every response; it must inherit from ours.
Object.setPrototypeOf(express.response, ServiceResponse.prototype);

/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp(context: Context<Config>) {
  // No ETag of a route: its response may not be stored, so there is nothing to revalidate.
  const app = express().disable('x-powered-by').disable('etag');
  // req.ip, req.protocol and req.hostname are the client's.
  app.set('trust proxy', context.config.trustProxy ?? false);
  app.use(createRoutes(context));
  //% if cookiecutter.database != 'none'
  app.use(createNotes(context));
  //% endif
  app.use((_req, _res, next) => next(new HttpError(404)));
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    sendError(context, error, req, res);
  });
  return createServer(context, app as unknown as Handler);
}
