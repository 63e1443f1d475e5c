// Says where TypeScript and JavaScript files are not the same program: pairs of paths on stdin, differences on stdout.
// Run with --expose-internals. Syntax trees and comments count; line breaks and redundant parentheses do not.
const { readFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');
const acorn = require('internal/deps/acorn/acorn/dist/acorn'); // Node's own parser: nothing to install

// A block comment about an interface or a type goes with it.
const TYPES_WITH_COMMENT = /\/\*\*(?:(?!\*\/)[^])*\*\/\n(?=(?:export )?(?:interface|type) \w)/g;
const POSITIONS = ['start', 'end', 'raw'];

/** Returns the statements and comments of a program, in order. */
function parse(source) {
  const comments = [];
  const tree = acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module', onComment: comments });
  return [...tree.body, ...comments].sort((a, b) => a.start - b.start);
}

/** Returns the smallest pair of nodes in which two trees differ first, undefined if they do not. */
function difference(one, other, around) {
  if (one === other) return undefined;
  if (!(one instanceof Object && other instanceof Object)) return around;
  const nodes = 'type' in one && 'type' in other ? [one, other] : around;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = POSITIONS.includes(key) ? undefined : difference(one[key], other[key], nodes);
    if (found) return found;
  }
  return undefined;
}

const found = [];
for (const [typescript, javascript] of JSON.parse(readFileSync(0, 'utf8'))) {
  const types = readFileSync(typescript, 'utf8').replace(TYPES_WITH_COMMENT, '');
  // Paths of modules differ by their extension only.
  const stripped = stripTypeScriptTypes(types).replace(/\.ts(?=['`])/g, '.js');
  const plain = readFileSync(javascript, 'utf8');
  const end = { type: 'End', start: 0, end: 0 };
  const nodes = difference(parse(stripped), parse(plain), [end, end]);
  const [one, other] = nodes?.map((node, i) => [stripped, plain][i].slice(node.start, node.end)) ?? [];
  if (nodes) found.push(`${typescript}: ${one}\n${javascript}: ${other}`);
}
process.stdout.write(JSON.stringify(found));
