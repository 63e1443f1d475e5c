// Removes the types from TypeScript: [path, target] pairs as JSON on stdin; writes each target.
const { readFileSync, writeFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');

// A line that begins with //% is a statement of the template's.
const COMMENT = /^\s*(\/\/(?!%)|\/\*|\*)/;

/** Whether a line is part of a comment about types alone: types follow it, then a blank line. */
function isAboutTypes(lines, isType, number) {
  let next = number;
  while (!isType[next] && COMMENT.test(lines[next])) next += 1;
  if (next === number || !isType[next]) return false;
  while (isType[next]) next += 1;
  return (lines[next] ?? '').trim() === '';
}

/** Returns the JavaScript of a TypeScript source, without the lines that held nothing but types. */
function javascriptOf(source) {
  const typed = source.split('\n');
  // Node puts blanks where types were, so the lines correspond.
  const lines = stripTypeScriptTypes(source).split('\n');
  const isType = lines.map((line, number) => line.trim() === '' && typed[number].trim() !== '');
  // The comment that begins a file is about the file, whatever follows it.
  const code = lines.findIndex((line) => !COMMENT.test(line));
  const kept = lines.filter(
    (_, number) => !isType[number] && (number < code || !isAboutTypes(lines, isType, number)),
  );
  // What a generator writes into a folder `generated` stays TypeScript, which Node runs.
  const plain = kept.join('\n').replace(/(?<!\/generated\/[\w/-]+)\.ts(?=['`])/g, '.js');
  return plain.replace(/, \{\s*\} from /g, ' from '); // import one, { type Another } from
}

for (const [path, target] of JSON.parse(readFileSync(0, 'utf8'))) {
  writeFileSync(target, javascriptOf(readFileSync(path, 'utf8')));
}
