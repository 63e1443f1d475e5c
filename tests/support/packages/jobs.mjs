// Runs jobs, each in a process of its own with a time limit, and prints how each ended.
// Standard input: [{ name, code }], code being an ES module. Standard output: [{ name, end, stdout, stderr }],
// end being `exit N`, the name of a signal, or `hangs`.
import { spawn } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

// Long, because a package may have a hundred entries, and the machine other work.
const TIME_LIMIT_MS = 240_000;
const AT_ONCE = 2;

// Jobs are files beside a link to the packages, because the application's folder is read-only.
const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));

/** Runs one job, from the application's folder as the service runs; resolves to how it ended. */
function run({ name, code }) {
  const file = join(folder, `${name.replace(/\W/g, '-')}.mjs`);
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let late = false;
  // The whole group: what a job leaves behind would hold its pipes open.
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {}
  };
  const limit = setTimeout(() => {
    late = true;
    end();
  }, TIME_LIMIT_MS);
  return new Promise((resolve) => {
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    child.on('exit', async (status, signal) => {
      clearTimeout(limit);
      end();
      const [stdout, stderr] = await output;
      resolve({ name, end: late ? 'hangs' : (signal ?? `exit ${status}`), stdout, stderr });
    });
  });
}

const queue = JSON.parse(await text(process.stdin));
const results = [];
const worker = async () => {
  for (let job = queue.shift(); job; job = queue.shift()) results.push(await run(job));
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log(JSON.stringify(results));
