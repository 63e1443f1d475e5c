// Errors as application/problem+json (RFC 9457); what went wrong inside never reaches a client.

const { STATUS_CODES } = process.getBuiltinModule('node:http');

const BODY_HEADERS =
  /^(content-(disposition|encoding|length|range)|etag|last-modified|transfer-encoding)$/;

/** The names of headers that a route may have set for a body that it then did not send. */
export const bodyHeaders = (names) => names.filter((name) => BODY_HEADERS.test(name));

/** An error whose status and detail are meant for the client. */
export class HttpError extends Error {
  constructor(status, detail) {
    super(detail ?? STATUS_CODES[status]);
    this.status = status;
    this.detail = detail;
  }
}

/**
 * The status and detail that an error has for the client, undefined if it has none. A status counts
 * if express's packages (`expose`), its router (URIError) or fastify (`FST_…`) made the error;
 * what HTTP clients throw has a status too, and it is another server's.
 */
function forClient(error) {
  if (!(error instanceof Error)) return undefined;
  const { code, expose, name, status, statusCode = status } = error;
  if (name === 'MulterError') return { status: code === 'LIMIT_FILE_SIZE' ? 413 : 400 };
  if (typeof statusCode !== 'number' || !(statusCode >= 400 && statusCode <= 599)) return undefined;
  if (error instanceof HttpError) return error;
  const isFromFastify = String(code).startsWith('FST_');
  if (expose === undefined && !isFromFastify && !(error instanceof URIError)) return undefined;
  // Says which field of a schema is wrong, and nothing of what was sent.
  return { status: statusCode, detail: code === 'FST_ERR_VALIDATION' ? error.message : undefined };
}

/** The problem of any thrown value: 500, without a detail, for what is not meant for the client. */
export function toProblem(error) {
  const { status, detail } = forClient(error) ?? { status: 500 };
  return { type: 'about:blank', title: STATUS_CODES[status], status, detail };
}

/** Logs a fault of the service with the request's id and trace; a client's mistake is not one. */
export function logFault({ logger }, error, req) {
  const known = forClient(error);
  // The status of an HttpError is intended; a plugin's 5xx is a fault like any other.
  if (known && (known.status < 500 || known === error)) return;
  // The client left while it sent its body.
  if (req.destroyed && !req.complete && error?.code === 'ECONNRESET') return;
  logger.error({ err: error, id: req.id, trace_id: req.traceId }, 'request failed');
}

/** Answers a failed request; cuts the connection if a response has begun. */
export function sendError(context, error, req, res) {
  logFault(context, error, req);
  if (res.headersSent) {
    // Too late for a status: a cut connection says that the response is incomplete.
    if (!res.writableEnded) res.destroy();
    return;
  }
  for (const name of bodyHeaders(res.getHeaderNames())) res.removeHeader(name);
  const problem = toProblem(error);
  const body = JSON.stringify(problem);
  const length = Buffer.byteLength(body);
  const headers = { 'content-type': 'application/problem+json', 'content-length': length };
  res.writeHead(problem.status, { ...headers, 'cache-control': 'no-store' }).end(body);
}
