// The process: starts the service, and ends it on signals and crashes.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createLogger, type Logger } from './logger.ts';
import type { Context, Request } from './server.ts';
import { type ServiceSettings, SettingError } from './settings.ts';
import { onStopSignal } from './signals.ts';

/** What createApp() returns: its server, how that is drained, and what to close after it. */
export interface App {
  server: Server;
  drain: (endStreams?: () => unknown) => Promise<void>;
  close?: () => unknown;
}

interface StopHooks {
  onDrain: () => unknown;
  onClose: () => unknown;
}

/** What the owner passes in. Each hook gets the context with what onStart() returned. */
export interface Hooks<Settings extends ServiceSettings, Resources> {
  loadConfig: (env: NodeJS.ProcessEnv) => Settings;
  createApp: (context: Context<Settings> & Resources) => App | Promise<App>;
  /** Before anything listens: connect, migrate. An error ends the process with exit code 1. */
  onStart?: (context: Context<Settings>) => Resources | void | Promise<Resources> | Promise<void>;
  /** Asked by /readyz: false or an error is a 503. */
  isReady?: (context: Context<Settings> & Resources) => unknown;
  /** Takes a request for a WebSocket; what it throws is the answer. */
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
export async function listenOn(server: Server, setting: string, port: number, host: string) {
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
async function stop(app: App, { config, logger }: Context, hooks: StopHooks) {
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
  await app.drain(() => run('onDrain', hooks.onDrain));
  await run('close', app.close);
  await run('onClose', hooks.onClose);
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
  const { logFields, onUpgrade } = hooks;
  const base: Context<S> = { config, logger, status, logFields, onUpgrade };
  const context = Object.assign(base, (await hooks.onStart?.(base)) as R);
  if (hooks.isReady) context.isReady = () => hooks.isReady?.(context);
  const app = await hooks.createApp(context);
  await listen(app.server, context);
  onStopSignal((signal) => {
    if (status.draining) process.exit(1); // a second signal: at once
    logger.info({ signal }, 'draining');
    return stop(app, context, {
      onDrain: () => hooks.onDrain?.(context),
      onClose: () => hooks.onClose?.(context),
    });
  });
}
