// What happens to every request before the framework: an id, a log line, the probes, the checks.
import { HttpError, sendError } from './errors.js';
import { requestId } from './headers.js';
import { settleForwarded } from './proxies.js';
import { checkRequest, pathOf } from './refusals.js';

export const PROBES = ['/livez', '/readyz'];
const PROBE_METHODS = 'GET, HEAD, OPTIONS';
const READY_TIMEOUT_MS = 1500; // less than the two seconds of the health check
// W3C Trace Context, 3.2: what it captures is the trace id.
const TRACE_PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}/;

/** Gives a request, an upgrade too, its id and trace id; returns the id. */
export function identify(req) {
  const id = requestId(req.headers['x-request-id']);
  req.id = id;
  req.traceId = TRACE_PARENT.exec(String(req.headers.traceparent))?.[1];
  return id;
}

/** Returns a request with what all that follows relies on: its id, its path, who its client is. */
export function receive({ trustProxy }, req) {
  identify(req);
  req.url = pathOf(req.url);
  if (trustProxy) settleForwarded(req, trustProxy);
  return req;
}

/** The path of a URL for the log: without the query, which may hold what no log should. */
export const loggedPath = (url) => url.split('?', 1)[0].slice(0, 256);

/** The owner's fields for a request's log line; none, and a line that says why, if that fails. */
function ownFields({ logger, logFields }, req, res) {
  try {
    return logFields?.(req, res);
  } catch (err) {
    logger.error({ err, id: req.id, trace_id: req.traceId }, 'logFields failed');
    return undefined;
  }
}

/**
 * Drops conditions that name no real time: files in the image have times before 2000 that stand for
 * their content, so a newer version may have an earlier one. If-None-Match replaces the first.
 */
function ignoreStandInDates({ headers }) {
  const isStandIn = (date) => Date.parse(String(date)) < Date.UTC(2000);
  if (headers['if-none-match'] === undefined && isStandIn(headers['if-modified-since'])) {
    delete headers['if-modified-since'];
  }
  // The rest of a file that has changed would be joined to the beginning of the old one.
  if (isStandIn(headers['if-range'])) delete headers.range;
}

function logWhenDone(context, req, res) {
  const { logger, logFields } = context;
  const start = performance.now();
  const { url } = req; // a router may change it below a mounted path
  res.once('close', () => {
    // The client left before a response: 499, as nginx logs it.
    const status = res.headersSent ? res.statusCode : 499;
    const path = loggedPath(url);
    const ms = Math.round(10 * (performance.now() - start)) / 10;
    const fields = { id: req.id, trace_id: req.traceId, method: req.method, path, status, ms };
    logger.info(logFields ? { ...fields, ...ownFields(context, req, res) } : fields, 'request');
  });
}

/** Whether the service is ready, and isReady() succeeds in time; its failure is logged. */
async function isServiceReady({ isReady, logger, status }) {
  if (!status.ready) return false;
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no result in time')), READY_TIMEOUT_MS);
  });
  try {
    return (await Promise.race([isReady?.(), late])) !== false;
  } catch (err) {
    logger.warn({ err }, 'not ready');
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Answers /livez with 200, and /readyz with 503 while the service is not ready. */
async function answerProbe(context, req, res) {
  if (req.method === 'OPTIONS') return res.writeHead(204, { allow: PROBE_METHODS }).end();
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('allow', PROBE_METHODS);
    throw new HttpError(405);
  }
  if (req.url === '/readyz' && !(await isServiceReady(context))) throw new HttpError(503);
  const type = { 'content-type': 'text/plain; charset=utf-8', 'content-length': 2 };
  return res.writeHead(200, type).end('ok');
}

/** Builds the listener of the server's `request` event; keeps `responses` up to date. */
export function createRequestListener(context, handler, responses) {
  const { config, logger, status } = context;

  function handle(req, res) {
    const refuse = (error) => sendError(context, error, req, res);
    try {
      checkRequest(req);
      const probe = PROBES.includes(req.url);
      const work = probe ? answerProbe(context, req, res) : handler(req, res);
      if (work instanceof Promise) work.catch(refuse); // not awaited: most handlers are synchronous
    } catch (error) {
      refuse(error);
    }
  }

  return function onRequest(req, res) {
    receive(config, req);
    ignoreStandInDates(req);
    if (logger.isLevelEnabled('info') && !PROBES.includes(req.url)) logWhenDone(context, req, res);
    const previous = responses.get(req.socket);
    responses.set(req.socket, res);
    if (!status.draining) return handle(req, res);
    // Tells the client to reconnect, to another replica. A client that pipelines has sent several
    // requests: only the response to the last of them may say that the connection ends.
    if (previous && !previous.headersSent) previous.setHeader('connection', 'keep-alive');
    res.setHeader('connection', 'close');
    setImmediate(handle, req, res);
  };
}
