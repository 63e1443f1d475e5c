// Says where a TypeScript file and a JavaScript file are not the same program: `node --expose-internals` this, two paths.
// Syntax trees and comments are compared, so that line breaks and redundant parentheses do not count.
const { readFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');
const acorn = require('internal/deps/acorn/acorn/dist/acorn'); // Node's own parser: nothing to install

/** Returns one line per statement, declaration and comment of a program, in order. */
function outline(source) {
  const comments = [];
  const tree = acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module', onComment: comments });
  const strip = (key, value) => (['start', 'end', 'raw'].includes(key) ? undefined : value);
  const parts = [...tree.body, ...comments].sort((a, b) => a.start - b.start);
  return parts.map((part) => ({
    meaning: part.type === 'Line' || part.type === 'Block' ? part.value : JSON.stringify(part, strip),
    text: source.slice(part.start, part.end),
  }));
}

const [typescript, javascript] = process.argv.slice(2).map((path) => readFileSync(path, 'utf8'));
// Blanked types leave their comments' places empty; paths of modules differ by extension only.
const stripped = outline(stripTypeScriptTypes(typescript).replace(/\.ts(?=['`])/g, '.js'));
const plain = outline(javascript);
for (let i = 0; i < Math.max(stripped.length, plain.length); i++) {
  if (stripped[i]?.meaning !== plain[i]?.meaning) {
    process.stdout.write(`TypeScript: ${stripped[i]?.text}\n\nJavaScript: ${plain[i]?.text}\n`);
    process.exit(1);
  }
}
