// The HTTP server from start to stop: its limits, request ids, one log line per request, and the drain.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from './config.ts';
import { HttpError, sendError } from './errors.ts';
import type { Logger } from './logger.ts';

declare module 'node:http' {
  interface IncomingMessage {
    id: string;
  }
}

export type Request = IncomingMessage & { method: string; url: string };
export type Handler = (req: Request, res: ServerResponse) => unknown;

export interface Context {
  config: Config;
  logger: Logger;
  status: { ready: boolean; draining: boolean };
  headers: Map<string, string>;
}

const http = process.getBuiltinModule('node:http');
const PARSER_STATUS: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
const idPrefix = Math.random().toString(36).slice(2, 10);
let idCount = 0;

/** The client's request id if it is well formed, else one that is unique across restarts and replicas. */
function requestId(given: string | string[] = '') {
  return /^[\w.-]{1,64}$/.test(given as string) ? (given as string) : `${idPrefix}-${++idCount}`;
}

/**
 * Builds the server around a framework's handler, which finds `req.id` and answers with `context.headers`, a Map.
 * Returns it with drain(), which resolves after the last answer; `context.status` is { ready, draining }.
 */
export function createServer(context: Context, handler: Handler) {
  const { config, logger, status } = context;
  const answers = new Map<Socket, ServerResponse | undefined>(); // each open connection, and the latest answer on it

  /** Refuses what no framework refuses. */
  function check({ headers, httpVersion, rawHeaders, url }: Request) {
    const { host = httpVersion === '1.0' ? '' : ',', 'content-encoding': encoding = 'identity' } = headers;
    if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new HttpError(505);
    if (rawHeaders.length > 2 * (server.maxHeadersCount as number)) throw new HttpError(431);
    if (host.includes(',')) throw new HttpError(400, 'exactly one Host header is required');
    if (url[0] !== '/') throw new HttpError(400, 'the request target must be a path');
    if (encoding !== 'identity') throw new HttpError(415, 'compressed bodies are not accepted');
    if (Number(headers['content-length']) > config.bodyLimitBytes) throw new HttpError(413);
  }

  function logWhenDone({ id, method, url }: Request, res: ServerResponse) {
    const start = performance.now();
    res.once('close', () => {
      if (!res.headersSent) res.statusCode = 499; // the client has left, in nginx's numbering
      const path = url.split('?', 1)[0].slice(0, 256); // a query may hold what no log should
      const ms = Math.round(10 * (performance.now() - start)) / 10;
      logger.info({ id, method, path, status: res.statusCode, ms }, 'request');
    });
  }

  function onRequest(req: Request, res: ServerResponse) {
    const refuse = (error: unknown) => sendError(context, error, req, res);
    req.id = requestId(req.headers['x-request-id']);
    if (req.url[0] !== '/') req.url = req.url.replace(/^https?:\/\/[^/?#]+\/?/i, '/'); // RFC 9112, 3.2.2
    answers.set(req.socket, res);
    if (logger.isLevelEnabled('info') && !/^\/(livez|readyz)$/.test(req.url)) logWhenDone(req, res);
    try {
      if (status.draining) res.setHeader('connection', 'close'); // the client shall go on elsewhere
      check(req);
      const work = handler(req, res);
      if (work instanceof Promise) work.catch(refuse); // not awaited: most answers are given by now
    } catch (error) {
      refuse(error);
    }
  }

  /** Refuses what is malformed, too large or too slow to become a whole request. */
  function onClientError(error: NodeJS.ErrnoException, socket: Socket) {
    const last = answers.get(socket);
    const refusal = new HttpError(PARSER_STATUS[error.code as string] ?? 400);
    if (last?.req.complete && !last.closed) {
      last.once('close', () => socket.destroySoon()); // it is well: the fault is in what follows it
    } else if (error.code === 'ECONNRESET' || !socket.writable || (last?.headersSent && !last.req.complete)) {
      socket.destroy(); // nobody listens, or the answer has been given
    } else if (last && !last.req.complete) {
      sendError(context, refusal, last.req as Request, last.setHeader('connection', 'close'));
    } else {
      const req = Object.assign(new http.IncomingMessage(socket), { id: requestId() });
      const res = new http.ServerResponse(req);
      res.assignSocket(socket);
      sendError(context, refusal, req, res.setHeader('connection', 'close'));
      socket.end();
      setTimeout(() => socket.destroy(), 500).unref(); // at once could take the answer away with it
      logger.info({ id: req.id, status: refusal.status, reason: error.code }, 'refused');
    }
  }
  const options = {
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    connectionsCheckingInterval: 500,
    maxHeaderSize: 16384,
    joinDuplicateHeaders: true, // a second Host shows as a comma
    requireHostHeader: false, // check() does, and answers with the security headers
  };
  const server = http.createServer(options, onRequest as RequestListener);
  server.maxHeadersCount = 100;
  server.on('clientError', onClientError).on('checkExpectation', onRequest as RequestListener); // Node's own lacks headers
  server.on('connection', (socket) => {
    answers.set(socket, undefined);
    socket.once('close', () => answers.delete(socket));
  });

  async function drain() {
    Object.assign(status, { ready: false, draining: true });
    if (config.shutdownDelayMs) await new Promise((resolve) => setTimeout(resolve, config.shutdownDelayMs));
    for (const [socket, res] of answers) {
      // Idle, never used, or half a request head: nobody waits for an answer there.
      if (!res || res.writableFinished) socket.destroy();
      else res.once('close', () => socket.destroySoon());
      if (res && !res.headersSent) res.setHeader('connection', 'close');
    }
    await new Promise((resolve) => server.close(resolve));
  }
  return { server, drain };
}
