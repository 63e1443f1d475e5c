// The HTTP server: its limits, the connections it holds, and a stop that loses no request.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpError } from './errors.ts';
import { Response } from './headers.ts';
import type { Logger } from './logger.ts';
import { checkRequest, createClientErrorHandler, linger, MAX_HEADERS, refuse } from './refusals.ts';
import { createRequestListener, loggedPath, receive } from './requests.ts';
import type { ServiceSettings } from './settings.ts';

declare module 'node:http' {
  interface IncomingMessage {
    // Not the id: pino-http declares one, and changes what express takes for a request.
    traceId?: string;
  }
}

export type Identified = IncomingMessage & { id?: unknown };
export type Request = IncomingMessage & { id: string; method: string; url: string };
export type Handler = (req: Request, res: ServerResponse) => unknown;
export type Responses = Map<Socket, ServerResponse | undefined>;

export interface Context<Settings extends ServiceSettings = ServiceSettings> {
  config: Settings;
  logger: Logger;
  status: { ready: boolean; draining: boolean };
  isReady?: () => unknown;
  logFields?: (req: Request, res: ServerResponse) => object;
  // A method, not a property, so that the owner's may declare a context of its own type.
  onUpgrade?(context: Context, req: IncomingMessage, socket: Duplex, head: Buffer): unknown;
}

/** Takes a request for a WebSocket; what it throws is the answer. */
export type Upgrade = NonNullable<Context['onUpgrade']>;

// `import … from 'node:http'` would evaluate every lazy export: a start takes 40 ms longer.
const http = process.getBuiltinModule('node:http');
const net = process.getBuiltinModule('node:net');
const { setTimeout: sleep, setImmediate: afterPoll } =
  process.getBuiltinModule('node:timers/promises');

// How long open connections are still answered after the server has stopped listening.
const DRAIN_MS = 200;

function optionsOf({ config, logger }: Context, responses: Responses) {
  return {
    ServerResponse: Response,
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    connectionsCheckingInterval: 500,
    maxHeaderSize: 16384,
    // The values of repeated fields, Host too, arrive as one list.
    joinDuplicateHeaders: true,
    // checkRequest() checks it: its response has the security headers.
    requireHostHeader: false,
    // WebSockets only, if the owner listens for them: Java's client offers h2c with each request.
    shouldUpgradeCallback(this: Server, req: IncomingMessage) {
      const isWebSocket = /^websocket$/i.test(req.headers.upgrade ?? '');
      // Behind a request in flight, whose response holds the connection, it is an ordinary one.
      const isBehind = responses.get(req.socket)?.closed === false;
      if (!isWebSocket || isBehind || this.listenerCount('upgrade') === 0) return false;
      const { id, traceId, url } = receive(config, req as Request);
      logger.info({ id, trace_id: traceId, path: loggedPath(url) }, 'upgrade');
      return true;
    },
  };
}

/** Says in every response that has not begun that its connection ends. */
function announceClose(responses: Responses) {
  for (const res of responses.values()) {
    if (res && !res.headersSent) res.setHeader('connection', 'close');
  }
}

/** Closes what is idle; what is in flight is answered first. */
function closeConnections(responses: Responses) {
  for (const [socket, res] of responses) {
    if (!res || res.writableFinished) socket.destroy();
    else
      res.once('close', () => {
        // The response to a request that has come meanwhile closes it.
        if (responses.get(socket) === res) socket.destroySoon();
      });
  }
}

/** Hands requests for WebSockets to the owner, unless the service stops. */
function listenForUpgrades(server: Server, context: Context, onUpgrade: Upgrade) {
  server.on('upgrade', async (req, socket, head) => {
    socket.on('error', () => socket.destroy()); // Node has taken its listener off
    try {
      if (context.status.draining) throw new HttpError(503);
      checkRequest(req as Request);
      await onUpgrade(context, req, socket, head);
    } catch (error) {
      refuse(context, req, error);
    }
  });
}

/**
 * Builds the server around a framework's handler, which finds `req.id` and `req.traceId`.
 * Returns it with drain(), which resolves after the last response; `endStreams` is called when the
 * server has stopped listening, and ends what would not end by itself.
 */
export function createServer(context: Context, handler: Handler) {
  const { config, status, onUpgrade } = context;
  // Each open connection with the latest response on it.
  const responses: Responses = new Map();
  const listener = createRequestListener(context, handler, responses) as RequestListener;
  const server = http.createServer(optionsOf(context, responses), listener);
  server.maxHeadersCount = MAX_HEADERS;
  server.on('clientError', createClientErrorHandler(context, responses));
  // Node's own response to an unknown Expect has no security headers.
  server.on('checkExpectation', listener);
  if (onUpgrade) listenForUpgrades(server, context, onUpgrade);
  server.on('connection', (socket) => {
    responses.set(socket, undefined);
    const { destroySoon } = socket;
    // What Node calls after the last response.
    socket.destroySoon = () => {
      if (responses.get(socket)?.req.complete === false) linger(socket);
      else destroySoon.call(socket);
    };
    socket.once('close', () => responses.delete(socket));
  });

  async function drain(endStreams?: () => unknown) {
    status.ready = false;
    status.draining = true;
    announceClose(responses);
    if (config.shutdownDelayMs) await sleep(config.shutdownDelayMs);
    // The close() of HTTP would destroy idle connections with the requests that just arrived there.
    const closed = new Promise((resolve) => net.Server.prototype.close.call(server, resolve));
    await Promise.all([endStreams?.(), Promise.race([closed, sleep(DRAIN_MS)])]);
    // Requests that have arrived meanwhile are read before idle connections are closed.
    await afterPoll();
    closeConnections(responses);
    await closed;
    // Connections that another listener hands to this server, such as one for TLS.
    while (responses.size > 0) await sleep(10);
  }

  return { server, drain };
}
