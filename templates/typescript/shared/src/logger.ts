// One JSON line per event on stdout, by pino: written at once, so that a crash loses none.
import pino from 'pino';

export type Logger = pino.Logger;

/** The service's logger; `level` is a pino level or 'silent'. */
export function createLogger(level: string) {
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ level, timestamp, base: null, formatters: { level: (label) => ({ level: label }) } });
}
