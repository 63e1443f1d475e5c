// The routes: what the service answers, and which input it accepts.
import express from 'express';
import { HttpError } from './errors.js';

/** Answers OPTIONS, and 405 to every method that a path does not have. */
function only(allow) {
  return (req, res) => {
    res.setHeader('allow', allow);
    if (req.method !== 'OPTIONS') throw new HttpError(405);
    res.status(204).end();
  };
}

/** Refuses what the JSON parser would skip. */
function requireJson(req, _res, next) {
  if (req.is('json') === false) throw new HttpError(415, 'the body must be application/json');
  next();
}

/** The schema of POST /echo: returns a valid body, throws an HttpError for any other. */
function parseEcho(body) {
  const { message, ...others } = body ?? {};
  if (typeof message !== 'string' || !/^.{1,1000}$/su.test(message) || Object.keys(others).length > 0) {
    throw new HttpError(400, 'the body must be {"message": a string of 1 to 1000 characters}');
  }
  return { message };
}

/** Builds the router; `status` tells /readyz whether the service takes requests. */
export function createRoutes({ config, status }) {
  const router = express.Router({ caseSensitive: true, strict: true });
  const json = express.json({ inflate: false, limit: config.bodyLimitBytes });
  const text = (body) => (_req, res) => res.type('text/plain').send(body);
  const ifReady = (_req, _res, next) => next(status.ready ? undefined : new HttpError(503));

  router.route('/').get(text('Hello, Docker Multi-Stage Build!')).all(only('GET, HEAD, OPTIONS'));
  router.route('/livez').get(text('ok')).all(only('GET, HEAD, OPTIONS'));
  router.route('/readyz').get(ifReady, text('ok')).all(only('GET, HEAD, OPTIONS'));
  router
    .route('/echo')
    .post(requireJson, json, (req, res) => res.json(parseEcho(req.body)))
    .all(only('OPTIONS, POST'));
  return router;
}
