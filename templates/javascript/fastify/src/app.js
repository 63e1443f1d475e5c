// The fastify application: its options, error answers and plugins.
import Fastify, { LogController } from 'fastify';
import helmet from 'helmet';
import { HttpError, toProblem } from './errors.js';
import { createServer } from './lifecycle.js';
import { routes } from './routes.js';

/** What of helmet concerns an API (OWASP REST Security Cheat Sheet). It never varies, so it is asked for once. */
function securityHeaders() {
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
  const headers = new Map([['cache-control', 'no-store']]);
  const recorder = { setHeader: (name, value) => headers.set(name.toLowerCase(), value) };
  for (const middleware of [
    helmet.contentSecurityPolicy({ useDefaults: false, directives }),
    helmet.crossOriginResourcePolicy(),
    helmet.referrerPolicy(),
    helmet.strictTransportSecurity(),
    helmet.xContentTypeOptions(),
    helmet.xFrameOptions({ action: 'deny' }),
  ]) {
    middleware({}, recorder, () => {});
  }
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
        if (request.method !== 'OPTIONS' || request.raw.foreign) throw new HttpError(405);
        return reply.code(204).send();
      };
      const method = app.supportedMethods.filter((other) => !methods.includes(other));
      app.route({ method, url, onRequest, handler() {} });
    }
  };
}

/** Builds the service: its server and drain(), as createServer() describes them, and the app for inject(). */
export async function createApp({ config, logger, status }) {
  const context = { config, logger, status, headers: securityHeaders() };
  const fixedHeaders = Object.fromEntries(context.headers);
  let service;

  function setHeaders(request, reply) {
    reply.headers(fixedHeaders).header('x-request-id', request.id);
  }

  function onError(error, request, reply) {
    const problem = toProblem(error);
    if (problem.status === 500) logger.error({ err: error, id: request.id }, 'request failed');
    setHeaders(request, reply); // a bad URL comes here without having met a hook
    reply.code(problem.status).type('application/problem+json');
    // As bytes: to a text fastify adds a charset, which this media type does not have.
    reply.send(Buffer.from(JSON.stringify(problem)));
  }

  const app = Fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } }, // refuse, do not repair
    bodyLimit: config.bodyLimitBytes,
    clientErrorHandler() {}, // createServer() has its own
    frameworkErrors: onError,
    genReqId: (req) => req.id,
    // createServer() logs each request, in one line instead of two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    // None is quicker than a silent one.
    loggerInstance: logger.isLevelEnabled('fatal') ? logger : undefined,
    serverFactory: (handler) => {
      service = createServer(context, (req, res) => {
        // fastify has no headers for a method it does not know: let such a one go with OPTIONS, to the 405.
        const foreign = !known.has(req.method);
        if (foreign) Object.assign(req, { method: 'OPTIONS', foreign });
        return handler(req, res);
      });
      return service.server;
    },
  });
  const known = new Set(app.supportedMethods);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler(onError);
  app.setNotFoundHandler(() => {
    throw new HttpError(404);
  });
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply);
    done();
  });
  const addOtherMethods = otherMethods(app);
  await app.register(routes, context);
  addOtherMethods();
  await app.ready();

  async function drain() {
    await service.drain();
    await app.close(); // the onClose hooks of plugins
  }

  return { app, server: app.server, drain };
}
