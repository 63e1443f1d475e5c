// One JSON line per event on stdout, in the form of pino's lines.
const { writeSync } = process.getBuiltinModule('node:fs');
const { format } = process.getBuiltinModule('node:util');

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
type Fields = Record<string, unknown>;
type Method = (first: unknown, ...rest: unknown[]) => void;
export type Logger = Record<Level, Method> & {
  isLevelEnabled(level: string): boolean;
  child(fields: object): Logger;
};

const pause = new Int32Array(new SharedArrayBuffer(4));
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Joins a text of an error with those of its causes. */
function withCauses(error: Error, text: (one: Error) => string, joint: string) {
  const chain = new Set<Error>();
  for (let one: unknown = error; one instanceof Error && !chain.has(one); one = one.cause) {
    chain.add(one);
  }
  return [...chain].map(text).join(joint);
}

/** An error as pino writes it; any other value as it is. */
function describe(error: unknown, parents: unknown[] = []): unknown {
  if (!(error instanceof Error)) return error;
  if (parents.includes(error)) return '[Circular]';
  const path = [...parents, error];
  const fields: Fields = {
    type: error.constructor.name,
    message: withCauses(error, (one) => one.message, ': '),
    stack: withCauses(error, (one) => one.stack ?? '', '\ncaused by: '),
  };
  if (error instanceof AggregateError) {
    fields.aggregateErrors = error.errors.map((one) => describe(one, path));
  }
  for (const [key, value] of Object.entries(error)) fields[key] ??= describe(value, path);
  return fields;
}

/** What a function returns, or a text instead if it throws, as a getter of a value may. */
function attempt(get: () => unknown) {
  try {
    return get();
  } catch {
    return '[unreadable]';
  }
}

/** A copy that JSON.stringify() takes, whatever the value holds. */
function plain(value: unknown, parents: unknown[] = []): unknown {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (parents.includes(value)) return '[Circular]';
  const path = [...parents, value];
  if (value instanceof Error) return plain(describe(value), path);
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), path);
  if (Array.isArray(value)) return value.map((one) => attempt(() => plain(one, path)));
  const field = (key: string) => [key, attempt(() => plain(Reflect.get(value, key), path))];
  return Object.fromEntries(Object.keys(value).map(field));
}

const wrapped = (first: unknown) =>
  first instanceof Error ? { err: first, msg: first.message } : first;

/** The fields of a call: of (text, ...values), (error, text, ...) or (fields, text, ...). */
function fieldsOf(first: unknown, rest: unknown[]): Fields {
  if (typeof first !== 'object' && first !== undefined) {
    return { msg: rest.length > 0 ? format(first, ...rest) : first };
  }
  const fields: Fields = { ...Object(wrapped(first)) };
  if (fields.err) fields.err = describe(fields.err);
  if (rest[0] !== undefined) fields.msg = rest.length > 1 ? format(...rest) : rest[0];
  return fields;
}

/** One line of JSON. Never throws: what JSON cannot hold is left out or replaced by a word. */
function lineOf(level: Level, bound: Fields, first: unknown, rest: unknown[]) {
  const head = { level, time: new Date().toISOString(), ...bound };
  try {
    return JSON.stringify({ ...head, ...fieldsOf(first, rest) });
  } catch {
    const copy = attempt(() => plain(wrapped(first)));
    const fields = copy instanceof Object ? copy : { msg: copy };
    const text = rest.length > 0 ? { msg: attempt(() => format(...rest)) } : {};
    return JSON.stringify({ ...head, ...fields, ...text });
  }
}

/**
 * Writes before it returns: a hang, a kill or a crash after it loses nothing. process.stdout would
 * keep in memory what a slow reader has not taken.
 */
function write(line: string) {
  let rest = Buffer.from(line);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The service goes on if the log's reader has gone; it waits for a slow one.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/**
 * The service's logger: one method per level, called as info('text') or info({ n: 1 }, 'text').
 * The `bound` fields are in every line; child() adds some.
 */
export function createLogger(level: string, bound: Fields = {}): Logger {
  const enabled = LEVELS.includes(level) ? LEVELS.slice(LEVELS.indexOf(level)) : [];

  function method(name: Level): Method {
    if (!enabled.includes(name)) return () => {};
    return (first, ...rest) => {
      write(`${lineOf(name, bound, first, rest)}\n`);
    };
  }

  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    fatal: method('fatal'),
    isLevelEnabled: (name) => enabled.includes(name),
    child: (fields) => createLogger(level, { ...bound, ...Object(attempt(() => plain(fields))) }),
  };
}
