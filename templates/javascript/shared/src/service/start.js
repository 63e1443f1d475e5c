// The process: starts the service, and ends it on signals and crashes.
import { createLogger } from './logger.js';
import { SettingError } from './settings.js';
import { onStopSignal } from './signals.js';

/** Ends the process with one line for the person who started it. */
function giveUp(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

function load(loadConfig) {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (error instanceof SettingError) giveUp(error.message);
    throw error;
  }
}

/** Ends the process after an error that nobody caught, with a line that says why. */
function logCrashes(logger) {
  // Unhandled rejections come here too. The state is unknown now: a fresh process takes over.
  process.on('uncaughtException', (err, origin) => {
    logger.fatal({ err, origin }, 'crash');
    process.exit(1);
  });
}

/** Listens; ends the process with a line that names the port's setting if it cannot. */
export async function listenOn(server, setting, port, host) {
  server.on('error', ({ code }) => {
    giveUp(`${setting} ${port} on HOST ${host} must be free to listen on, but: ${code}`);
  });
  // Without a host Node listens on `::`, or on 0.0.0.0 where the kernel has no IPv6.
  const options = host === '::' ? { port } : { port, host };
  await new Promise((resolve) => server.listen(options, resolve));
}

async function listen(server, { config, logger, status }) {
  const { port, host } = config;
  await listenOn(server, 'PORT', port, host);
  status.ready = true;
  logger.info({ host, port, node: process.version }, 'listening');
}

/** Finishes what is in flight, closes what is open, and ends the process. */
async function stop(app, context, parts) {
  const { config, logger } = context;
  setTimeout(() => {
    logger.error('shutdown timed out');
    process.exit(1);
  }, config.shutdownTimeoutMs);
  // A hook that fails does not keep the others, or requests in flight, from their end.
  async function run(name, hook) {
    try {
      await hook?.();
    } catch (err) {
      logger.error({ err }, `${name} failed`);
    }
  }
  const onDrain = (part) => run('onDrain', () => part.onDrain?.(context));
  await app.drain(() => Promise.all(parts.map(onDrain)));
  await run('close', app.close);
  for (const part of parts.toReversed()) await run('onClose', () => part.onClose?.(context));
  logger.info('stopped');
  process.exit(0);
}

/** Starts the service; resolves when it listens. */
export async function startService(hooks) {
  const config = load(hooks.loadConfig);
  const logger = createLogger(config.logLevel);
  logCrashes(logger);
  onStopSignal((signal) => {
    logger.info({ signal }, 'stopped while starting');
    process.exit(0);
  });
  const status = { ready: false, draining: false };
  // The owner's own hooks are the last part.
  const parts = [...(hooks.parts ?? []), hooks];
  const takers = parts.flatMap((part) => part.onUpgrade ?? []);
  if (takers.length > 1) throw new Error('only one part may have onUpgrade()');
  const { logFields } = hooks;
  const base = { config, logger, status, logFields, onUpgrade: takers[0] };
  for (const part of parts) Object.assign(base, await part.onStart?.(base));
  const context = base;
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
