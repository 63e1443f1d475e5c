// The fastify application: its options, error responses and plugins.
import type { IncomingMessage } from 'node:http';
import AjvCompiler from '@fastify/ajv-compiler';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
  LogController,
} from 'fastify';
import type { Config } from './config.ts';
//% if cookiecutter.database != 'none'
import { notes } from './notes.ts';
//% endif
import { routes } from './routes.ts';
import { bodyHeaders, HttpError, logFault, toProblem } from './service/errors.ts';
import { identify } from './service/requests.ts';
import { type Context, createServer, type Identified } from './service/server.ts';

/** Answers for a path that has routes for other methods only: OPTIONS, and 405 with Allow. */
function otherMethods(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) {
  //% if cookiecutter.pages == 'none'
  if (!request.is404) return done();
  //% endif
  const { method, raw, server } = request;
  const allowed = server.supportedMethods.filter(
    //% if cookiecutter.pages == 'static'
    // The route that takes any path is that of files.
    (other) => {
      const route = server.findRoute({ method: other, url: String(raw.url) });
      return route && !('*' in route.params) && other !== 'OPTIONS';
    },
    //% else
    (other) => other !== 'OPTIONS' && server.findRoute({ method: other, url: String(raw.url) }),
    //% endif
  );
  if (allowed.length > 0) {
    reply.header('allow', [...allowed, 'OPTIONS'].sort().join(', '));
    return method === 'OPTIONS' ? reply.code(204).send() : done(new HttpError(405));
  }
  // For a method that it does not know, fastify does not call its own handler for 404.
  done(server.supportedMethods.includes(method) ? undefined : new HttpError(404));
}

/** The handler of every error: a problem for the client, a line in the log for a fault of ours. */
function errorHandler(context: Context) {
  return (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    // Errors of @fastify/rate-limit are recognised by this header and these statuses alone.
    const isLimited =
      reply.hasHeader('retry-after') && [403, 429].includes(thrown?.statusCode ?? 0);
    const error = isLimited ? new HttpError(Number(thrown.statusCode), thrown.message) : thrown;
    logFault(context, error, request.raw);
    for (const name of bodyHeaders(Object.keys(reply.getHeaders()))) reply.removeHeader(name);
    const problem = toProblem(error);
    reply.code(problem.status).header('cache-control', 'no-store').type('application/problem+json');
    // As bytes: to a string fastify adds a charset, which this media type does not have.
    reply.send(Buffer.from(JSON.stringify(problem)));
  };
}

const buildCompiler = AjvCompiler();

/** Builds the validator: it converts text, as in a query, to the schema's types; a body never. */
const buildValidator: AjvCompiler.BuildCompilerFromPool = (schemas, options) => {
  const build = (defaults: object) => {
    const customOptions = Object.assign(defaults, options?.customOptions);
    return buildCompiler(schemas, { ...options, customOptions } as typeof options);
  };
  const coercing = build({ removeAdditional: false });
  const strict = build({ removeAdditional: false, coerceTypes: false });
  return (route) => (route.httpPart === 'body' ? strict : coercing)(route);
};

function optionsOf({ config, logger }: Context) {
  return {
    schemaController: { compilersFactory: { buildValidator } },
    bodyLimit: config.bodyLimitBytes,
    clientErrorHandler() {}, // createServer() has its own
    // An upgrade to a WebSocket comes here before createServer() has given it an id.
    genReqId: (req: Identified) => String(req.id ?? identify(req)),
    // createServer() logs each request, in one line instead of two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    // request.ip, request.protocol and request.host are the client's.
    trustProxy: config.trustProxy ?? false,
    // At level silent no logger at all, which is faster than a silent one.
    loggerInstance: logger.isLevelEnabled('fatal') ? (logger as FastifyBaseLogger) : undefined,
    // Each line that a handler writes by request.log has the id of its trace.
    childLoggerFactory: (
      parent: FastifyBaseLogger,
      bindings: object,
      options: object,
      req: IncomingMessage,
    ) => parent.child(req.traceId ? { ...bindings, trace_id: req.traceId } : bindings, options),
  };
}

/** Builds the service: its server and drain(), as createServer() says, and the app for inject(). */
export async function createApp(context: Context<Config>) {
  const onError = errorHandler(context);
  let service: ReturnType<typeof createServer>;

  const serverFactory: FastifyServerFactory = (handler) => {
    service = createServer(context, handler);
    return service.server;
  };

  const app = Fastify({ ...optionsOf(context), frameworkErrors: onError, serverFactory });
  app.setErrorHandler(onError);
  //% if cookiecutter.pages == 'static'
  // For a path without a file, too: it may have a route for another method.
  app.setNotFoundHandler((request, reply) => {
    otherMethods(request, reply, (error = new HttpError(404)) => {
      throw error;
    });
  });
  //% else
  app.setNotFoundHandler(() => {
    throw new HttpError(404);
  });
  //% endif
  //% if cookiecutter.pages == 'static'
  app.addHook('onRequest', (request, reply, done) => {
    return request.is404 ? otherMethods(request, reply, done) : done();
  });
  //% else
  app.addHook('onRequest', otherMethods);
  //% endif
  await app.register(routes, context);
  //% if cookiecutter.database != 'none'
  await app.register(notes);
  //% endif
  await app.ready();
  const drain: typeof service.drain = (endStreams) => service.drain(endStreams);
  // The onClose hooks of plugins run after the last response.
  return { app, server: app.server, drain, close: () => app.close() };
}
