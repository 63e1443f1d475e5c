// The routes: what the service answers, and which input it accepts.
import express, { type RequestHandler } from 'express';
import { HttpError } from './errors.ts';
import type { Context } from './lifecycle.ts';

/** Answers OPTIONS, and 405 to every method that a path does not have. */
function only(allow: string): RequestHandler {
  return (req, res) => {
    res.setHeader('allow', allow);
    if (req.method !== 'OPTIONS') throw new HttpError(405);
    res.status(204).end();
  };
}

/** The schema of POST /echo: returns a valid body, throws an HttpError for any other. */
function parseEcho(body: unknown) {
  const { message, ...others } = (body ?? {}) as Record<string, unknown>;
  if (typeof message !== 'string' || !/^.{1,1000}$/su.test(message) || Object.keys(others).length > 0) {
    throw new HttpError(400, 'the body must be {"message": a string of 1 to 1000 characters}');
  }
  return { message };
}

/** Builds the router; `status` tells /readyz whether the service takes requests. */
export function createRoutes({ config, status }: Context) {
  const router = express.Router({ caseSensitive: true, strict: true });
  const text =
    (body: string): RequestHandler =>
    (_req, res) =>
      res.type('text/plain').send(body);
  const json = express.json({ inflate: false, limit: config.bodyLimitBytes });
  const isJson: RequestHandler = (req, _res, next) =>
    next(req.is('json') === false ? new HttpError(415) : undefined);
  const isReady: RequestHandler = (_req, _res, next) => next(status.ready ? undefined : new HttpError(503));
  const echo: RequestHandler = (req, res) => res.json(parseEcho(req.body));

  router.route('/').get(text('Hello, Docker Multi-Stage Build!')).all(only('GET, HEAD, OPTIONS'));
  router.route('/livez').get(text('ok')).all(only('GET, HEAD, OPTIONS'));
  router.route('/readyz').get(isReady, text('ok')).all(only('GET, HEAD, OPTIONS'));
  router.route('/echo').post(isJson, json, echo).all(only('OPTIONS, POST'));
  return router;
}
