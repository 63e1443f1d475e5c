// What is refused before the framework sees it, or because it never becomes a complete request.
//
// | status        | what                                            | decided by                     |
// |---------------|-------------------------------------------------|--------------------------------|
// | 400           | not HTTP, a bad target, a bad or missing Host   | Node's parser, checkRequest()  |
// | 400, 413, 415 | a body that is invalid, too large, another type | the route that reads the body  |
// | 404, 405      | no such path, no such method                    | app, or the framework's router |
// | 408           | too slow                                        | Node's timers                  |
// | 431, 505      | too many or too long headers, another version   | checkRequest(), Node's parser  |
// | 503           | /readyz while not ready                         | requests                       |
import type { Socket } from 'node:net';
import { HttpError, sendError } from './errors.ts';
import { Response, requestId } from './headers.ts';
import type { Context, Identified, Request, Responses } from './server.ts';

const http = process.getBuiltinModule('node:http');
const { isIPv6 } = process.getBuiltinModule('node:net');

export const MAX_HEADERS = 100;
const CLOSE_MS = 500;
const PARSER_STATUS = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
]);
// RFC 3986, 3.2: a name or IPv4 address, or an IPv6 address in brackets; a port. No comma,
// though names may have one: Node joins the values of repeated Host fields with it.
const AUTHORITY = /^(?:\[([\da-f:.]+)\]|(?:[\w.~!$&'()*+;=-]|%[\da-f]{2})+)(?::(\d*))?$/i;
// RFC 9112, 3.2.2: clients of a proxy send the whole URL.
const ABSOLUTE_TARGET = /^https?:\/\/([^/?#]*)\/?/i;

function isAuthority(text: string) {
  const match = AUTHORITY.exec(text);
  if (!match) return false;
  const [, address, port] = match;
  return (address === undefined || isIPv6(address)) && Number(port ?? 0) <= 65535;
}

/** The path and query of a request target; a target that has none is returned as it is. */
export function pathOf(target: string) {
  if (target[0] === '/') return target;
  const match = ABSOLUTE_TARGET.exec(target);
  return match && isAuthority(match[1]) ? `/${target.slice(match[0].length)}` : target;
}

/** Throws an HttpError for what no framework refuses. */
export function checkRequest({ headers, httpVersion, rawHeaders, url }: Request) {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new HttpError(505);
  if (rawHeaders.length > 2 * MAX_HEADERS) throw new HttpError(431);
  // HTTP/1.0 requires no Host.
  if (headers.host === undefined ? httpVersion === '1.1' : !isAuthority(headers.host)) {
    throw new HttpError(400, 'exactly one valid Host header is required');
  }
  if (url[0] !== '/') throw new HttpError(400, 'the request target must be a path');
}

/** Ends a connection, but not at once: while the client sends, that may discard the response. */
export function linger(socket: Socket) {
  socket.end();
  setTimeout(() => socket.destroy(), CLOSE_MS).unref();
}

/** Sends an error on a connection that is no longer parsed. */
export function refuse(context: Context, req: Identified, refusal: unknown, reason?: string) {
  const { socket } = req;
  const res = new Response(req);
  res.assignSocket(socket);
  sendError(context, refusal, req, res.setHeader('connection', 'close'));
  linger(socket);
  context.logger.info({ id: req.id, status: res.statusCode, reason }, 'refused');
}

/** Builds the server's `clientError` listener: what is malformed, too large or too slow. */
export function createClientErrorHandler(context: Context, responses: Responses) {
  // Each further packet on a connection is an error again.
  const failed = new WeakSet<Socket>();

  return function onClientError(error: NodeJS.ErrnoException, socket: Socket) {
    if (failed.has(socket)) return;
    failed.add(socket);
    const last = responses.get(socket);
    const begun = last?.headersSent && !last.req.complete; // a response before the whole request
    const refusal = new HttpError(PARSER_STATUS.get(error.code ?? '') ?? 400);
    if (last?.req.complete && !last.closed) {
      // This request is complete and gets its response; only the bytes after it are bad.
      last.once('close', () => socket.destroySoon());
    } else if (error.code === 'ECONNRESET' || !socket.writable || begun) {
      socket.destroy(); // the client has left, or it is too late for a status
    } else if (!last || last.req.complete) {
      const req = Object.assign(new http.IncomingMessage(socket), { id: requestId() });
      refuse(context, req, refusal, error.code);
    } else {
      last.once('close', () => last.req.destroy()); // or a reader of the body waits for ever
      sendError(context, refusal, last.req, last.setHeader('connection', 'close'));
    }
  };
}
