// One JSON line per event on stdout, by pino: written at once, so that a crash loses none.
import pino from 'pino';

/** The service's logger; `level` is a pino level or 'silent'. */
export function createLogger(level) {
  return pino({
    level,
    base: null, // a container has one process and its host name in the collector's own fields
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
