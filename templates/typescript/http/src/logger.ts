// One JSON line per event on stdout: in batches, at most 100 ms late, and without a gap on exit.
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
type Fields = Record<string, unknown>;
export type Logger = Record<Level, (fields: Fields | string, msg?: string) => void> & {
  isLevelEnabled(name: string): boolean;
};

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** What of an error is worth a line; a thrown value may be anything. */
function describe(error: unknown): Fields {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause = error.cause === undefined ? undefined : describe(error.cause);
  return { type: error.name, message: error.message, stack: error.stack, cause };
}

/** The service's logger: one method per level, called as info('text') or info({ field: 1 }, 'text'). */
export function createLogger(level: string): Logger {
  let batch = '';
  function flush() {
    if (batch) process.stdout.write(batch); // to a pipe or file it is synchronous: a crash loses nothing
    batch = '';
  }
  setInterval(flush, 100).unref();
  process.on('exit', flush);

  function write(name: string, fields: Fields | string, msg?: string) {
    const time = new Date().toISOString();
    if (typeof fields === 'string') fields = { msg: fields };
    if (fields.err !== undefined) fields = { ...fields, err: describe(fields.err) };
    batch += `${JSON.stringify({ level: name, time, ...fields, msg: msg ?? fields.msg })}\n`;
    if (batch.length > 4096) flush();
  }
  const enabled = LEVELS.slice(LEVELS.indexOf(level));
  const isLevelEnabled = (name: string) => enabled.includes(name);
  const method = (name: string) =>
    isLevelEnabled(name) ? (fields: Fields | string, msg?: string) => write(name, fields, msg) : () => {};
  const methods = Object.fromEntries(LEVELS.map((name) => [name, method(name)]));
  return { ...methods, isLevelEnabled } as Logger;
}
