// The routes: what the service answers, and which input it accepts.
import express from 'express';
//% if cookiecutter.pages == 'static'
import { pages, wantsPage } from './pages.js';
//% endif
import { HttpError } from './service/errors.js';

/** Answers OPTIONS with 204, and each method that a path does not have with 405. */
function only(allow) {
  return (req, res) => {
    res.setHeader('allow', allow);
    if (req.method !== 'OPTIONS') throw new HttpError(405);
    res.status(204).end();
  };
}

/** Accepts JSON only: 415 for another media type, 413 for a Content-Length beyond the limit. */
function acceptJson(limit) {
  return (req, _res, next) => {
    if (req.is('json') === false) throw new HttpError(415);
    if (Number(req.headers['content-length']) > limit) throw new HttpError(413);
    next();
  };
}

/** The schema of POST /echo: returns a valid body, throws an HttpError for any other. */
function parseEcho(body) {
  const { message, ...others } = Object(body);
  const isText = typeof message === 'string' && /^.{1,1000}$/su.test(message);
  if (!isText || Object.keys(others).length > 0) {
    throw new HttpError(400, 'the body must be {"message": a string of 1 to 1000 characters}');
  }
  return { message };
}

//% if cookiecutter.database != 'none'
export { acceptJson, only };

//% endif
/** Builds the router. */
export function createRoutes({ config }) {
  const limit = config.bodyLimitBytes;
  const router = express.Router({ caseSensitive: true, strict: true });
  // 413 for a larger body, 415 for a compressed one, 400 for one that is not JSON.
  const parseJson = express.json({ inflate: false, limit });

  router
    .route('/')
    //% if cookiecutter.pages == 'static'
    .get((req, res, next) => {
      res.vary('accept');
      // A browser is shown the page, below.
      next(wantsPage(req.headers.accept) ? 'route' : undefined);
    })
    //% endif
    .get((_req, res) => {
      res.type('text/plain').send('Hello, Docker Multi-Stage Build!\n');
    })
    .all(only('GET, HEAD, OPTIONS'));

  router
    .route('/echo')
    .post(acceptJson(limit), parseJson, (req, res) => {
      res.json(parseEcho(req.body));
    })
    .all(only('OPTIONS, POST'));

  //% if cookiecutter.pages == 'static'
  router.use(pages);

  //% endif
  return router;
}
