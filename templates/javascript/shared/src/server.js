// Entry point: reads the configuration, listens, and ends the process on signals and crashes.
import { createApp } from './app.js';
import { loadConfig } from './config.js';
import { createLogger } from './logger.js';

/** Ends the process with one line for the person who started it. */
function giveUp(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

const config = loadConfig(process.env, giveUp);
const logger = createLogger(config.logLevel);
const status = { ready: false, draining: false };
// Unhandled rejections come here too. The state is unknown now: say why, and let a fresh process take over.
process.on('uncaughtException', (err, origin) => {
  logger.fatal({ err, origin }, 'crash');
  process.exit(1);
});

const { server, drain } = await createApp({ config, logger, status });

async function stop(signal) {
  if (status.draining) process.exit(1); // asked twice: whoever asks is out of patience
  logger.info({ signal }, 'draining');
  setTimeout(() => {
    logger.error('shutdown timed out');
    process.exit(1);
  }, config.shutdownTimeoutMs);
  await drain();
  logger.info('stopped');
  process.exit(0);
}
process.on('SIGTERM', stop).on('SIGINT', stop);
server.on('error', ({ code }) => {
  giveUp(`PORT ${config.port} on HOST ${config.host} must be free to listen on, but: ${code}`);
});
server.listen(config.port, config.host, () => {
  status.ready = true;
  logger.info({ host: config.host, port: config.port, node: process.version }, 'listening');
});
