// The HTTP server from start to stop: limits, headers on every answer, one log line per request, drain.
import { HttpError, sendError, toProblem } from './errors.js';

const http = process.getBuiltinModule('node:http');
const MAX_HEADERS = 100;
const PROBES = ['/livez', '/readyz'];
const PARSER_STATUS = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

const idPrefix = Math.random().toString(36).slice(2, 10);
let idCount = 0;

/** The client's request id if it is well formed, else one that is unique across restarts and replicas. */
function requestId(given = '') {
  return /^[\w.-]{1,64}$/.test(given) ? given : `${idPrefix}-${++idCount}`;
}

/** Checks what no framework checks; throws an HttpError. */
function checkRequest({ headers, httpVersion, rawHeaders, url }, bodyLimitBytes) {
  const { host = httpVersion === '1.0' ? '' : ',', 'content-encoding': encoding = 'identity' } = headers;
  if (rawHeaders.length > 2 * MAX_HEADERS) throw new HttpError(431);
  if (host.includes(',')) throw new HttpError(400, 'exactly one Host header is required');
  if (url[0] !== '/') throw new HttpError(400, 'the request target must be a path');
  if (encoding !== 'identity') throw new HttpError(415, 'compressed bodies are not accepted');
  if (Number(headers['content-length']) > bodyLimitBytes) throw new HttpError(413);
}

/**
 * Builds the server around a framework's handler; the Map `headers` goes on every answer, the parser's too.
 * Returns it with its status, { ready, draining }, and drain(), which resolves after the last answer.
 */
export function createServer({ config, logger, status, headers }, handler) {
  const inFlight = new Set();
  const unused = new Set();
  let closing = false;

  async function onRequest(req, res) {
    const start = performance.now();
    req.id = requestId(req.headers['x-request-id']);
    req.url = req.url.replace(/^https?:\/\/[^/?#]+\/?/i, '/'); // RFC 9112, 3.2.2: absolute-form must be accepted
    const path = req.url.split('?', 1)[0].slice(0, 256);
    res.setHeader('x-request-id', req.id);
    res.setHeaders(headers);
    if (closing) res.setHeader('connection', 'close');
    unused.delete(req.socket);
    inFlight.add(res);
    res.once('close', () => {
      inFlight.delete(res);
      // The connection counts as idle only after this event; server.close() waits for idle ones of its own.
      if (closing) setImmediate(() => server.closeIdleConnections());
      if (PROBES.includes(path)) return;
      const ms = Math.round(10 * (performance.now() - start)) / 10;
      const aborted = res.writableFinished ? undefined : true;
      logger.info({ id: req.id, method: req.method, path, status: res.statusCode, ms, aborted }, 'request');
    });
    try {
      checkRequest(req, config.bodyLimitBytes);
      await handler(req, res);
    } catch (error) {
      sendError(logger, error, req, res);
    }
  }

  /** Answers what never became a request: malformed, too large or too slow. */
  function onClientError(error, socket) {
    const answer = [...inFlight].find((res) => res.socket === socket);
    if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent) {
      socket.destroy();
      return;
    }
    const problem = toProblem(new HttpError(PARSER_STATUS[error.code] ?? 400));
    const body = JSON.stringify(problem);
    const id = requestId();
    const lines = [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      ...Array.from(headers, ([name, value]) => `${name}: ${value}`),
      `x-request-id: ${id}\r\ndate: ${new Date().toUTCString()}\r\nconnection: close`,
      `content-type: application/problem+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ];
    socket.end(lines.join('\r\n'));
    setTimeout(() => socket.destroy(), 500).unref(); // destroying at once could take the answer with it
    logger.info({ id, status: problem.status, reason: error.code }, 'refused');
  }

  const options = {
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    connectionsCheckingInterval: 500,
    maxHeaderSize: 16384,
    joinDuplicateHeaders: true, // a second Host shows as a comma
    requireHostHeader: false, // checkRequest does, and its answer has the security headers
  };
  const server = http.createServer(options, onRequest);
  server.maxHeadersCount = MAX_HEADERS;
  server.on('checkExpectation', onRequest); // Node's own 417 would lack the security headers
  server.on('clientError', onClientError);
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });

  async function drain() {
    Object.assign(status, { ready: false, draining: true });
    if (config.shutdownDelayMs) await new Promise((resolve) => setTimeout(resolve, config.shutdownDelayMs));
    closing = true;
    for (const res of inFlight) if (!res.headersSent) res.setHeader('connection', 'close');
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy(); // opened in advance
    await new Promise((resolve) => server.close(resolve));
  }

  return { server, status, drain };
}
