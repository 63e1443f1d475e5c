// The environment, checked once at the start: a bad value names its variable and its rule.
export type Config = ReturnType<typeof loadConfig>;

const LEVELS = 'trace|debug|info|warn|error|fatal|silent';

/** The service's settings. At a bad value calls refuse(line), which must not return. */
export function loadConfig(env: NodeJS.ProcessEnv, refuse: (line: string) => never) {
  function text(name: string, fallback: string, pattern: RegExp, rule: string): string {
    const value = env[name] ?? fallback;
    return pattern.test(value) ? value : refuse(`${name} must be ${rule}, not ${JSON.stringify(value)}`);
  }
  // Strict decimals: Number() would take '', '0x50' and '3e3', and listen() 'abc' for the path of a socket.
  function integer(name: string, fallback: number, min: number, max: number): number {
    const rule = `a whole number from ${min} to ${max}`;
    const value = Number(text(name, String(fallback), /^(0|[1-9]\d{0,9})$/, rule));
    return value >= min && value <= max ? value : refuse(`${name} must be ${rule}, not ${value}`);
  }
  const requestTimeoutMs = integer('REQUEST_TIMEOUT_MS', 30000, 1, 600000);
  const shutdownTimeoutMs = integer('SHUTDOWN_TIMEOUT_MS', 8000, 1, 600000); // all of it, the delay included
  return {
    port: integer('PORT', 3000, 1, 65535),
    host: text('HOST', '0.0.0.0', /^[\w.:-]+$/, 'an address or a host name'),
    logLevel: text('LOG_LEVEL', 'info', new RegExp(`^(${LEVELS})$`), `one of ${LEVELS}`),
    bodyLimitBytes: integer('BODY_LIMIT_BYTES', 102400, 1, 104857600),
    headersTimeoutMs: integer('HEADERS_TIMEOUT_MS', Math.min(10000, requestTimeoutMs), 1, requestTimeoutMs),
    requestTimeoutMs,
    keepAliveTimeoutMs: integer('KEEP_ALIVE_TIMEOUT_MS', 65000, 1, 600000),
    shutdownDelayMs: integer('SHUTDOWN_DELAY_MS', 0, 0, shutdownTimeoutMs - 1),
    shutdownTimeoutMs,
  };
}
