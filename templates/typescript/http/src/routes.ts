// The routes: what the service answers, and which input it accepts.
import type { ServerResponse } from 'node:http';
import { HttpError } from './errors.ts';
import { headersOf } from './headers.ts';
import type { Context, Handler, Request } from './lifecycle.ts';

/** Reads a JSON body to its end, so that the client is there to hear an answer; throws an HttpError. */
async function readJson(req: Request, limit: number): Promise<unknown> {
  if (!/^application\/json *(;|$)/i.test(req.headers['content-type'] as string)) {
    throw new HttpError(415, 'the body must be application/json');
  }
  const chunks: Buffer[] = [];
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
function parseEcho(body: unknown) {
  const { message, ...others } = (body ?? {}) as Record<string, unknown>;
  if (typeof message !== 'string' || !/^.{1,1000}$/su.test(message) || Object.keys(others).length > 0) {
    throw new HttpError(400, 'the body must be {"message": a string of 1 to 1000 characters}');
  }
  return { message };
}

/** Sends a whole answer; with its length, which a HEAD request wants to know. Sets all headers at once: it is quicker. */
function send(req: Request, res: ServerResponse, type: string, body: string) {
  const length = Buffer.byteLength(body);
  res.writeHead(200, headersOf(req, { 'content-type': `${type}; charset=utf-8`, 'content-length': length }));
  res.end(body);
}

/** Builds the table: path → method → handler. `status` tells /readyz whether the service takes requests. */
export function createRoutes({ config, status }: Context) {
  const text =
    (body: string): Handler =>
    (req, res) =>
      send(req, res, 'text/plain', body);

  function readyz(req: Request, res: ServerResponse) {
    if (!status.ready) throw new HttpError(503);
    send(req, res, 'text/plain', 'ok');
  }

  async function echo(req: Request, res: ServerResponse) {
    const body = parseEcho(await readJson(req, config.bodyLimitBytes));
    send(req, res, 'application/json', JSON.stringify(body));
  }

  return new Map<string, Record<string, Handler>>([
    ['/', { GET: text('Hello, Docker Multi-Stage Build!') }],
    ['/livez', { GET: text('ok') }],
    ['/readyz', { GET: readyz }],
    ['/echo', { POST: echo }],
  ]);
}
