// What Prometheus asks for, on a port of its own: how requests go, and what the process uses.
import { collectDefaultMetrics, Gauge, Histogram, register } from '@prometheus-io/client';
import { PROBES } from './requests.js';
import { routeOf } from './route.js';
import { listenOn } from './start.js';

const { readFileSync } = process.getBuiltinModule('node:fs');
const http = process.getBuiltinModule('node:http');

const CLOSE_MS = 500;
const BATCH = 1000;

let metricsServer;

collectDefaultMetrics();
const inFlight = new Gauge({
  name: 'http_requests_in_flight',
  help: 'Requests that have begun and not ended.',
});
// The requests that have ended since the last hand-over, a column for each of their values: the
// garbage collector would have to keep and move an object for each request.
const methods = [];
const routes = [];
const statuses = [];
const durations = [];
const duration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time from the head of a request to the end of its response, in seconds.',
  labelNames: ['method', 'route', 'status'],
  collect: observeEnded,
});
const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
new Gauge({
  name: 'service_info',
  help: 'The version in package.json; always 1.',
  labelNames: ['version'],
}).set({ version }, 1);

/** Hands on what has ended: one by one, while a request ends, each would cost twice as much. */
function observeEnded() {
  for (const [index, method] of methods.entries()) {
    const labels = { method, route: routes[index], status: String(statuses[index]) };
    duration.observe(labels, durations[index]);
  }
  for (const column of [methods, routes, statuses, durations]) column.length = 0;
}

/** Measures a request and its response, except probes, which the log leaves out, too. */
function measure(req, res) {
  if (PROBES.includes(String(req.url))) return;
  const start = performance.now();
  inFlight.inc();
  res.on('close', () => {
    inFlight.dec();
    methods.push(String(req.method));
    routes.push(routeOf(req));
    // The client has left before a response: 499, as in the log.
    statuses.push(res.headersSent ? res.statusCode : 499);
    durations.push((performance.now() - start) / 1000);
    if (methods.length >= BATCH) observeEnded();
  });
}

/** The server for Prometheus; a metric that cannot be read is a 500 and a line in the log. */
function createServer({ logger }) {
  return http.createServer(async (req, res) => {
    if (req.url !== '/metrics') return res.writeHead(404).end();
    try {
      const text = await register.metrics();
      return res.writeHead(200, { 'content-type': register.contentType }).end(text);
    } catch (err) {
      logger.error({ err }, 'metrics failed');
      return res.writeHead(500).end();
    }
  });
}

// The hooks of a part: the first to open and the last to close, so that the last scrape sees the
// whole drain.

export function onStart(context) {
  metricsServer = createServer(context);
  return listenOn(metricsServer, 'METRICS_PORT', context.config.metricsPort, context.config.host);
}

export function onServer(server) {
  for (const event of ['request', 'checkExpectation']) server.prependListener(event, measure);
}

export async function onClose() {
  // A scrape that has begun ends; a connection without one does not hold up the stop.
  setTimeout(() => metricsServer.closeAllConnections(), CLOSE_MS).unref();
  await new Promise((resolve) => metricsServer.close(resolve));
}
