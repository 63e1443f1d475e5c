// Reads settings from the environment or from files, and names what is wrong with one.
import { trustedProxies } from './proxies.js';

const { readFileSync } = process.getBuiltinModule('node:fs');

// Maxima catch typing errors: a day, 4 GiB.
const DAY_MS = 86_400_000;
const MAX_BODY_BYTES = 2 ** 32;
const PROXIES =
  'a list of addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal';
const LEVELS = 'trace|debug|info|warn|error|fatal|silent';

/** A setting that is missing or bad; the message is one line for whoever starts the service. */
export class SettingError extends Error {}

/** Returns the content of the file at `path`, such as a secret, without its last newline. */
function readSecret(name, path) {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error;
    throw new SettingError(`${name}_FILE cannot be read: ${JSON.stringify(path)}: ${code}`);
  }
}

/**
 * Returns readers of an environment: text(), integer(), and parsed(), which gives what a function
 * of the text returns. Each takes the value of NAME, the content of the file that NAME_FILE names,
 * or the fallback; without one the setting is required.
 * They throw a SettingError, which shows no value that came from a file.
 */
export function readers(env) {
  function bad(name, rule, value) {
    const from = env[`${name}_FILE`];
    const shown = from === undefined ? JSON.stringify(value) : `what ${from} holds`;
    return new SettingError(
      `${name} must be ${rule}, not ${value === undefined ? 'unset' : shown}`,
    );
  }

  function text(name, fallback, pattern = /^/, rule = 'set') {
    const path = env[`${name}_FILE`];
    if (path !== undefined && env[name] !== undefined) {
      throw new SettingError(`${name} and ${name}_FILE are both set: remove one of them`);
    }
    const value = path === undefined ? (env[name] ?? fallback) : readSecret(name, path);
    if (value === undefined || !pattern.test(value)) throw bad(name, rule, value);
    return value;
  }

  function integer(name, fallback, min, max) {
    const rule = `a whole number from ${min} to ${max}`;
    // Number() alone would take '', '0x50' and '3e3', and listen() 'abc' for the path of a socket.
    const value = text(name, fallback?.toString(), /^(0|[1-9]\d{0,14})$/, rule);
    if (Number(value) < min || Number(value) > max) throw bad(name, rule, value);
    return Number(value);
  }

  function parsed(name, fallback, parse, rule) {
    const value = text(name, fallback);
    try {
      return parse(value);
    } catch {
      throw bad(name, rule, value);
    }
  }

  return { text, integer, parsed };
}

/** The settings that src/service needs. Throws a SettingError. */
export function serviceSettings({ text, integer, parsed }) {
  const requestTimeoutMs = integer('REQUEST_TIMEOUT_MS', 30000, 1, DAY_MS);
  // The whole stop, including the delay.
  const shutdownTimeoutMs = integer('SHUTDOWN_TIMEOUT_MS', 8000, 1, DAY_MS);
  return {
    port: integer('PORT', 3000, 1, 65535),
    // Every address, IPv6 and IPv4.
    host: text('HOST', '::', /^[\w.:%-]+$/, 'an address or a host name'),
    logLevel: text('LOG_LEVEL', 'info', new RegExp(`^(${LEVELS})$`), `one of ${LEVELS}`),
    bodyLimitBytes: integer('BODY_LIMIT_BYTES', 102400, 1, MAX_BODY_BYTES),
    headersTimeoutMs: integer(
      'HEADERS_TIMEOUT_MS',
      Math.min(10000, requestTimeoutMs),
      1,
      requestTimeoutMs,
    ),
    requestTimeoutMs,
    keepAliveTimeoutMs: integer('KEEP_ALIVE_TIMEOUT_MS', 65000, 1, DAY_MS),
    shutdownDelayMs: integer('SHUTDOWN_DELAY_MS', 0, 0, shutdownTimeoutMs - 1),
    shutdownTimeoutMs,
    // Undefined if no proxy is trusted.
    trustProxy: parsed('TRUST_PROXY', 'none', trustedProxies, PROXIES),
    // Read by the health check, a process of its own.
    healthcheckPath: text('HEALTHCHECK_PATH', '/readyz', /^(\/[!-~]*)?$/, 'a path, or empty'),
    //% if cookiecutter.metrics == 'prometheus'
    metricsPort: integer('METRICS_PORT', 9464, 1, 65535),
    //% endif
  };
}
