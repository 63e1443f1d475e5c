// One JSON line per event on stdout, by pino.
import pino from 'pino';

export type Logger = pino.Logger;

/** The service's logger; `level` is a pino level or 'silent'. */
export function createLogger(level: string): Logger {
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  // Each line is written before the call returns: a hang, a kill or a crash after it loses nothing.
  return pino(options, pino.destination({ sync: true }));
}
