// The logger never throws, and writes errors as pino does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Runs code that logs with `logger`; returns the lines of stdout as objects. */
function logged(code) {
  const source = `
    import { createLogger } from './src/service/logger.js';
    const logger = createLogger('info');
    ${code}`;
  const options = { encoding: 'utf8', timeout: 2000, killSignal: 'SIGKILL' };
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', source],
    options,
  );
  assert.doesNotMatch(stderr, /Error/);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('texts and fields are lines of JSON; lower levels are not written', () => {
  const [text, fields] = logged(`
    logger.debug('no'); logger.info('hi %s', 'you'); logger.warn({ n: 1 }, 'more');`);
  assert.partialDeepStrictEqual(text, { level: 'info', msg: 'hi you' });
  assert.partialDeepStrictEqual(fields, { level: 'warn', n: 1, msg: 'more' });
});

test('a child adds its fields to every line', () => {
  const [own, bare] = logged(`
    const child = logger.child({ trace_id: 'abc', n: 10n }).child({ more: true });
    child.info('hi'); logger.child({ trace_id: undefined }).info({ n: 1 });`);
  assert.partialDeepStrictEqual(own, { trace_id: 'abc', n: 10, more: true, msg: 'hi' });
  assert.deepEqual(Object.keys(bare), ['level', 'time', 'n']);
});

test('whatever is logged is a line', () => {
  const lines = logged(`
    const circle = { n: 1 }; circle.self = circle;
    const odd = { get bad() { throw 1; }, toJSON: undefined };
    Object.assign(odd, { s: Symbol('x'), f() {}, d: new Date(NaN) });
    logger.info({ n: 10n }, 'big');
    logger.info(circle, 'circle');
    logger.info({ odd }, 'odd');
    logger.info({ toJSON() { throw 1; } }, 'json');
    logger.info(Object.defineProperty({}, 'bad', { enumerable: true, get() { throw 1; } }), 'get');
    const { proxy, revoke } = Proxy.revocable({}, {}); revoke();
    logger.info(proxy, 'proxy'); logger.info({ proxy }, 'proxy');
    for (const value of [undefined, null, 1, Symbol('x'), () => {}, []]) logger.info(value, 'any');
    logger.error({ err: null }, 'null'); logger.error({ err: circle }, 'object');`);
  assert.equal(lines.length, 15);
  assert.equal(lines[0].n, 10);
  assert.deepEqual([lines[1].n, lines[1].self], [1, '[Circular]']);
  assert.equal(lines[2].odd.bad, '[unreadable]');
  assert.ok(lines.every(({ level, msg }) => level === 'info' || level === 'error' || msg));
});

test('errors have their type, causes, code and own fields', () => {
  const [direct, aggregate] = logged(`
    class OwnError extends TypeError {}
    const cause = new Error('inner');
    logger.error(Object.assign(new OwnError('outer', { cause }), { code: 'E_X', n: 1n }));
    logger.error({ err: new AggregateError([cause], 'all') }, 'text');`);
  const { type, message, stack, code, n } = direct.err;
  assert.deepEqual([type, message, code, n], ['OwnError', 'outer: inner', 'E_X', 1]);
  assert.match(stack, /outer\n {4}at .*\ncaused by: Error: inner/s);
  assert.equal(direct.msg, 'outer');
  assert.equal(aggregate.err.aggregateErrors[0].message, 'inner');
  assert.equal(aggregate.msg, 'text');
});

test('a line is written before the process hangs', () => {
  const [line] = logged(`logger.info('last'); for (;;);`);
  assert.equal(line.msg, 'last');
});
