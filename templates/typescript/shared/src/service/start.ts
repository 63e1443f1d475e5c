// The process: starts the service, and ends it on signals and crashes.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { createLogger, type Logger } from './logger.ts';
import type { Context, Request, Upgrade } from './server.ts';
import { type ServiceSettings, SettingError } from './settings.ts';
import { onStopSignal } from './signals.ts';

/** What createApp() returns: its server, how that is drained, and what to close after it. */
export interface App {
  server: Server;
  drain: (endStreams?: () => unknown) => Promise<void>;
  close?: () => unknown;
}

/** What a module opens, asks and ends. Each hook gets the context with what onStart() returned. */
export interface Part<Settings extends ServiceSettings, Resources = object> {
  /** Before anything listens: connect, migrate. An error ends the process with exit code 1. */
  onStart?: (context: Context<Settings>) => Resources | void | Promise<Resources> | Promise<void>;
  /** Before it listens, for what attaches itself to Node's own server. */
  onServer?: (server: Server) => unknown;
  /** Asked by /readyz: false or an error is a 503. */
  isReady?: (context: Context<Settings> & Resources) => unknown;
  /** Takes a request for a WebSocket; what it throws is the answer. Only one part may have it. */
  onUpgrade?: (
    context: Context<Settings> & Resources,
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) => unknown;
  /** At a stop, when nothing new connects: end event streams, sockets and jobs. */
  onDrain?: (context: Context<Settings> & Resources) => unknown;
  /** After the last response: close what onStart() opened. */
  onClose?: (context: Context<Settings> & Resources) => unknown;
}

/** What the owner passes in. */
export interface Hooks<Settings extends ServiceSettings, Resources>
  extends Part<Settings, Resources> {
  loadConfig: (env: NodeJS.ProcessEnv) => Settings;
  createApp: (context: Context<Settings> & Resources) => App | Promise<App>;
  /** They start in this order, before the owner's own hooks, and close after them. */
  parts?: Part<Settings>[];
  /** More fields for the log line of each request. */
  logFields?: (req: Request, res: ServerResponse) => object;
}

/** Ends the process with one line for the person who started it. */
function giveUp(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

function load<Settings>(loadConfig: (env: NodeJS.ProcessEnv) => Settings) {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (error instanceof SettingError) giveUp(error.message);
    throw error;
  }
}

/** Ends the process after an error that nobody caught, with a line that says why. */
function logCrashes(logger: Logger) {
  // Unhandled rejections come here too. The state is unknown now: a fresh process takes over.
  process.on('uncaughtException', (err, origin) => {
    logger.fatal({ err, origin }, 'crash');
    process.exit(1);
  });
}

/** Listens; ends the process with a line that names the port's setting if it cannot. */
export async function listenOn(server: net.Server, setting: string, port: number, host: string) {
  server.on('error', ({ code }: NodeJS.ErrnoException) => {
    giveUp(`${setting} ${port} on HOST ${host} must be free to listen on, but: ${code}`);
  });
  // Without a host Node listens on `::`, or on 0.0.0.0 where the kernel has no IPv6.
  const options = host === '::' ? { port } : { port, host };
  await new Promise<void>((resolve) => server.listen(options, resolve));
}

async function listen(server: Server, { config, logger, status }: Context) {
  const { port, host } = config;
  await listenOn(server, 'PORT', port, host);
  status.ready = true;
  logger.info({ host, port, node: process.version }, 'listening');
}

/** Finishes what is in flight, closes what is open, and ends the process. */
async function stop<S extends ServiceSettings>(app: App, context: Context<S>, parts: Part<S>[]) {
  const { config, logger } = context;
  setTimeout(() => {
    logger.error('shutdown timed out');
    process.exit(1);
  }, config.shutdownTimeoutMs);
  // A hook that fails does not keep the others, or requests in flight, from their end.
  async function run(name: string, hook?: () => unknown) {
    try {
      await hook?.();
    } catch (err) {
      logger.error({ err }, `${name} failed`);
    }
  }
  const onDrain = (part: Part<S>) => run('onDrain', () => part.onDrain?.(context));
  await app.drain(() => Promise.all(parts.map(onDrain)));
  await run('close', app.close);
  for (const part of parts.toReversed()) await run('onClose', () => part.onClose?.(context));
  logger.info('stopped');
  process.exit(0);
}

/** Starts the service; resolves when it listens. */
export async function startService<S extends ServiceSettings, R extends object = object>(
  hooks: Hooks<S, R>,
) {
  const config = load(hooks.loadConfig);
  const logger = createLogger(config.logLevel);
  logCrashes(logger);
  onStopSignal((signal) => {
    logger.info({ signal }, 'stopped while starting');
    process.exit(0);
  });
  const status = { ready: false, draining: false };
  // The owner's own hooks are the last part.
  const parts = [...(hooks.parts ?? []), hooks as Part<S>];
  const takers = parts.flatMap((part) => (part.onUpgrade as Upgrade) ?? []);
  if (takers.length > 1) throw new Error('only one part may have onUpgrade()');
  const { logFields } = hooks;
  const base: Context<S> = { config, logger, status, logFields, onUpgrade: takers[0] };
  for (const part of parts) Object.assign(base, await part.onStart?.(base));
  const context = base as Context<S> & R;
  context.isReady = async () => {
    const found = await Promise.all(parts.map((part) => part.isReady?.(context)));
    return !found.includes(false);
  };
  const app = await hooks.createApp(context);
  for (const part of parts) await part.onServer?.(app.server);
  await listen(app.server, context);
  onStopSignal((signal) => {
    if (status.draining) process.exit(1); // a second signal: at once
    logger.info({ signal }, 'draining');
    return stop(app, context, parts);
  });
}
