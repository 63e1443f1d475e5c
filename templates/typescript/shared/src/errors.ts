// Errors as application/problem+json (RFC 9457); what went wrong inside never reaches a client.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from './lifecycle.ts';

// Starts 40 ms sooner than `import … from 'node:http'`, which evaluates every lazy export of that module.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

type Failure = { status?: number; statusCode?: number } | undefined;

/** An error whose status and detail are meant for the client. */
export class HttpError extends Error {
  declare status: number;
  declare detail: string | undefined;

  constructor(status: number, detail?: string) {
    super(detail ?? STATUS_CODES[status]);
    this.status = status;
    this.detail = detail;
  }
}

/** The problem of any thrown value: an HttpError's own, a framework's 4xx by its status, a bare 500 for the rest. */
export function toProblem(error: unknown) {
  const ours = error instanceof HttpError;
  const given = (error as Failure)?.status ?? (error as Failure)?.statusCode ?? 500;
  const status = ours || (given >= 400 && given < 500) ? given : 500;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: ours ? error.detail : undefined,
  };
}

/** Answers a failed request; a fault of ours is logged whole, with the request's id. */
export function sendError(
  { logger, headers }: Context,
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
) {
  const problem = toProblem(error);
  if (problem.status === 500) logger.error({ err: error, id: req.id }, 'request failed');
  if (res.headersSent) {
    res.destroy(); // too late for a status: a cut connection says that the answer is incomplete
  } else {
    res.statusCode = problem.status;
    res.setHeaders(headers).setHeader('x-request-id', req.id);
    res.setHeader('content-type', 'application/problem+json').end(JSON.stringify(problem));
  }
}
