// The fastify application: its options, error answers and plugins.
import Fastify, { LogController } from 'fastify';
import helmet from 'helmet';
import { HttpError, toProblem } from './errors.js';
import { createServer } from './lifecycle.js';
import { routes } from './routes.js';

/** Helmet's headers are the same for every answer of an API, so they are asked for once. */
function securityHeaders() {
  const headers = new Map([['Cache-Control', 'no-store']]);
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
  const contentSecurityPolicy = { useDefaults: false, directives };
  const apply = helmet({ contentSecurityPolicy, xFrameOptions: { action: 'deny' } });
  apply({}, { setHeader: (name, value) => headers.set(name, value), removeHeader() {} }, () => {});
  return headers;
}

/** Answers OPTIONS, and 405 to every method that a path does not have; knows the routes registered after it. */
function otherMethods(app) {
  const methodsOf = new Map();
  app.addHook('onRoute', ({ method, url }) => {
    methodsOf.set(url, [...(methodsOf.get(url) ?? []), method].flat());
  });
  return () => {
    for (const [url, methods] of [...methodsOf]) {
      const allow = [...methods, 'OPTIONS'].sort().join(', ');
      const onRequest = async (request, reply) => {
        reply.header('allow', allow);
        if (request.method !== 'OPTIONS') throw new HttpError(405);
        return reply.code(204).send();
      };
      const method = app.supportedMethods.filter((other) => !methods.includes(other));
      app.route({ method, url, onRequest, handler() {} });
    }
  };
}

/** Builds the service: its server, its status and drain() (see lifecycle.js); and the app, for inject(). */
export async function createApp({ config, logger }) {
  const status = { ready: false, draining: false };
  let service;

  function onError(error, request, reply) {
    const problem = toProblem(error);
    if (problem.status === 500) logger.error({ err: error, id: request.id }, 'request failed');
    // As bytes: to a text fastify adds a charset, which this media type does not have.
    return reply
      .code(problem.status)
      .type('application/problem+json')
      .send(Buffer.from(JSON.stringify(problem)));
  }

  const app = Fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } }, // refuse, do not repair
    bodyLimit: config.bodyLimitBytes,
    clientErrorHandler() {}, // lifecycle.js has it
    frameworkErrors: onError,
    genReqId: (req) => req.id,
    // lifecycle.js logs each request, in one line instead of two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    loggerInstance: logger,
    serverFactory: (handler) => {
      service = createServer({ config, logger, status, headers: securityHeaders() }, handler);
      return service.server;
    },
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler(onError);
  app.setNotFoundHandler(() => {
    throw new HttpError(404);
  });
  const addOtherMethods = otherMethods(app);
  await app.register(routes, { status });
  addOtherMethods();
  await app.ready();

  async function drain() {
    await service.drain();
    await app.close(); // the onClose hooks of plugins
  }

  return { app, server: app.server, status, drain };
}
