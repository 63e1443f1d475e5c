// The express application: what a request meets, in order.
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { HttpError, sendError } from './errors.ts';
import { type Context, createServer, type Handler } from './lifecycle.ts';
import { createRoutes } from './routes.ts';

/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp({ config, logger, status }: Omit<Context, 'headers'>) {
  const headers = new Map<string, string>([['Cache-Control', 'no-store']]);
  const context = { config, logger, status, headers };
  // No ETag: no answer may be stored, so there is nothing to revalidate.
  const app = express().disable('x-powered-by').disable('etag');
  // Helmet's headers are the same for every answer of an API, so they are asked for once.
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
  const contentSecurityPolicy = { useDefaults: false, directives };
  const recorder = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader() {},
  };
  helmet({ contentSecurityPolicy, xFrameOptions: { action: 'deny' } })(
    {} as IncomingMessage,
    recorder as unknown as ServerResponse,
    () => {},
  );
  app.use((req, res, next) => {
    res.setHeaders(headers).setHeader('X-Request-Id', req.id);
    next();
  });
  app.use(createRoutes(context));
  app.use((_req, _res, next) => next(new HttpError(404)));
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) =>
    sendError(context, error, req, res),
  );
  return createServer(context, app as Handler);
}
