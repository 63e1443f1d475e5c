// One JSON line per event on stdout, by pino: in batches, at most 100 ms late, and without a gap on exit.
import pino from 'pino';

/** The service's logger; `level` is a pino level or 'silent'. */
export function createLogger(level) {
  const formatters = { level: (label) => ({ level: label }) };
  const destination = pino.destination({ minLength: 4096, periodicFlush: 100, sync: true });
  process.on('exit', () => destination.flushSync());
  return pino({ level, formatters, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
