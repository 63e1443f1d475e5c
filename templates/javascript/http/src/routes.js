// The routes: what the service answers, and which input it accepts.
import { HttpError } from './errors.js';
import { headersOf } from './headers.js';

/** Reads a JSON body to its end, so that the client is there to hear an answer; throws an HttpError. */
async function readJson(req, limit) {
  if (!/^application\/json *(;|$)/i.test(req.headers['content-type'])) {
    throw new HttpError(415, 'the body must be application/json');
  }
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    }
    if (size <= limit) return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new HttpError(400, 'the body must be JSON');
  }
  throw new HttpError(413);
}

/** The schema of POST /echo: returns a valid body, throws an HttpError for any other. */
function parseEcho(body) {
  const { message, ...others } = body ?? {};
  if (typeof message !== 'string' || !/^.{1,1000}$/su.test(message) || Object.keys(others).length > 0) {
    throw new HttpError(400, 'the body must be {"message": a string of 1 to 1000 characters}');
  }
  return { message };
}

/** Sends a whole answer; with its length, which a HEAD request wants to know. Sets all headers at once: it is quicker. */
function send(req, res, type, body) {
  const length = Buffer.byteLength(body);
  res.writeHead(200, headersOf(req, { 'content-type': `${type}; charset=utf-8`, 'content-length': length }));
  res.end(body);
}

/** Builds the table: path → method → handler. `status` tells /readyz whether the service takes requests. */
export function createRoutes({ config, status }) {
  const text = (body) => (req, res) => send(req, res, 'text/plain', body);

  function readyz(req, res) {
    if (!status.ready) throw new HttpError(503);
    send(req, res, 'text/plain', 'ok');
  }

  async function echo(req, res) {
    const body = parseEcho(await readJson(req, config.bodyLimitBytes));
    send(req, res, 'application/json', JSON.stringify(body));
  }

  return new Map([
    ['/', { GET: text('Hello, Docker Multi-Stage Build!') }],
    ['/livez', { GET: text('ok') }],
    ['/readyz', { GET: readyz }],
    ['/echo', { POST: echo }],
  ]);
}
