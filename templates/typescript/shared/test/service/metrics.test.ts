// The metrics: what is measured of requests, and how long Prometheus can ask.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { after, mock, test } from 'node:test';
import { Counter, type Histogram, register } from '@prometheus-io/client';
import type { Logger } from '../../src/service/logger.ts';
import { onClose, onServer, onStart } from '../../src/service/metrics.ts';
import { createServer } from '../../src/service/server.ts';
import { readers, serviceSettings } from '../../src/service/settings.ts';

const portOf = (server: net.Server) => (server.address() as AddressInfo).port;

const COUNT = 'http_request_duration_seconds_count';
const IN_FLIGHT = 'http_requests_in_flight';

const errors: object[] = [];
const load = (env: NodeJS.ProcessEnv) => serviceSettings(readers(env));
const logger = { error: (line: object) => errors.push(line), isLevelEnabled: () => false };

/** Starts a service with metrics on free ports, as startService() does. */
async function start() {
  // 0 is any free port: one that is looked for before may be taken by then.
  const config = { ...load({ HOST: '127.0.0.1' }), metricsPort: 0 };
  const status = { ready: true, draining: false };
  const context = { config, logger: logger as unknown as Logger, status };
  const create = mock.method(http, 'createServer');
  await onStart(context);
  const metrics = `http://127.0.0.1:${portOf(create.mock.calls[0].result as net.Server)}`;
  create.mock.restore();
  const { server } = createServer(context, (req, res) => {
    if (req.url !== '/held') res.end('done');
  });
  onServer(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { metrics, server, origin: `http://127.0.0.1:${portOf(server)}` };
}

const service = await start();

after(() => {
  service.server.close();
  service.server.closeAllConnections();
});

/** The lines of the metrics that begin so. */
async function scrape(...names: string[]) {
  const response = await fetch(`${service.metrics}/metrics`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=/);
  const lines = (await response.text()).split('\n');
  return lines.filter((line) => names.some((name) => line.startsWith(name)));
}

test('requests are counted by method, route and status, not by path; no probes', async () => {
  await (await fetch(`${service.origin}/livez`)).text();
  assert.deepEqual(await scrape(COUNT), []);
  for (const path of ['/one', '/two?three']) await (await fetch(service.origin + path)).text();
  await (await fetch(`${service.origin}/one`, { method: 'POST' })).text();
  assert.deepEqual(await scrape(COUNT, IN_FLIGHT), [
    'http_requests_in_flight 0',
    `${COUNT}{method="GET",route="other",status="200"} 2`,
    `${COUNT}{method="POST",route="other",status="200"} 1`,
  ]);
});

test('what has ended does not wait for Prometheus, which may never ask', async ({ mock }) => {
  const duration = register.getSingleMetric('http_request_duration_seconds') as Histogram;
  const observe = mock.method(duration, 'observe');
  for (let n = 0; n <= 1000; n++) await (await fetch(`${service.origin}/one`)).text();
  assert.equal(observe.mock.callCount(), 1000);
});

test('a request is in flight until its response ends; without one its status is 499', async () => {
  const held = http.get(`${service.origin}/held`).on('error', () => {});
  await once(service.server, 'request');
  assert.deepEqual(await scrape(IN_FLIGHT), [`${IN_FLIGHT} 1`]);
  held.destroy();
  while (!(await scrape(COUNT)).join('').includes('status="499"'));
  assert.deepEqual(await scrape(IN_FLIGHT), [`${IN_FLIGHT} 0`]);
});

test('the process and its versions are there, and nothing else on that port', async () => {
  const names = ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes'];
  assert.equal((await scrape(...names.map((name) => `${name} `))).length, names.length);
  assert.equal((await scrape('nodejs_version_info{', 'service_info{version="')).length, 2);
  for (const path of ['/', '/livez']) {
    assert.equal((await fetch(service.metrics + path)).status, 404);
  }
  assert.equal((await fetch(`${service.origin}/metrics`)).headers.get('content-type'), null);
});

test('a metric that cannot be read is a 500 and a line in the log', async () => {
  const err = new Error('no value');
  let broken = true;
  const collect = () => {
    if (broken) throw err;
  };
  new Counter({ name: 'own_total', help: 'One of the owner.', collect });
  assert.equal((await fetch(`${service.metrics}/metrics`)).status, 500);
  assert.deepEqual(errors, [{ err }]);
  broken = false;
  assert.deepEqual(await scrape('own_total'), ['own_total 0']);
});

test('at its end nobody can ask; a mute client holds nothing up', async () => {
  const mute = net.connect(Number(new URL(service.metrics).port), '127.0.0.1');
  mute.on('error', () => {}).write('GET /met');
  await scrape(COUNT);
  await onClose();
  await assert.rejects(fetch(`${service.metrics}/metrics`));
});

test('METRICS_PORT is a port', () => {
  assert.throws(() => load({ METRICS_PORT: '0' }), /METRICS_PORT must be a whole/);
});
