// The routes: what the service answers, and which input it accepts.
//% if cookiecutter.pages == 'static'
import { sendFile, wantsPage } from './pages.js';
//% endif
import { HttpError } from './service/errors.js';

/** Reads the whole body, even if it is too large, so that the client receives the response. */
async function readBody(req, limit) {
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    }
  } catch {
    throw new HttpError(400, 'the body is incomplete');
  }
  if (size > limit) throw new HttpError(413);
  return Buffer.concat(chunks).toString();
}

/** Reads a JSON body; throws an HttpError for another type, a compressed, large or invalid one. */
async function readJson(req, limit) {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers;
  if (!/^application\/json[ \t]*(;|$)/i.test(type)) {
    throw new HttpError(415, 'the body must be application/json');
  }
  if (encoding !== 'identity') throw new HttpError(415, 'the body must not be compressed');
  if (Number(req.headers['content-length']) > limit) throw new HttpError(413);
  const text = await readBody(req, limit);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'the body must be JSON');
  }
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

/** Sends a whole response, with its length, which a HEAD request asks for. */
function send(res, type, body) {
  const length = Buffer.byteLength(body);
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-length': length };
  // One writeHead() is faster than setHeader() for each.
  res.writeHead(200, headers).end(body);
}

//% if cookiecutter.database != 'none'
export { readJson };

//% endif
/** Builds the table: path → method → handler. */
export function createRoutes({ config }) {
  function greet(_req, res) {
    send(res, 'text/plain', 'Hello, Docker Multi-Stage Build!\n');
  }

  //% if cookiecutter.pages == 'static'
  function welcome(req, res) {
    res.appendHeader('vary', 'accept');
    // A browser is shown the page.
    return wantsPage(req.headers.accept) ? sendFile(req, res) : greet(req, res);
  }

  //% endif
  async function echo(req, res) {
    const body = parseEcho(await readJson(req, config.bodyLimitBytes));
    send(res, 'application/json', JSON.stringify(body));
  }

  return new Map([
    //% if cookiecutter.pages == 'static'
    ['/', { GET: welcome }],
    //% else
    ['/', { GET: greet }],
    //% endif
    ['/echo', { POST: echo }],
  ]);
}
