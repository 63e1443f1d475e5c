// Names what the production image lacks. `make test` runs it in the test image first, then, with
// that output as an argument, in the production image. It comes by --eval, so no image holds it.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

// Folders that only development needs. Any other with files in it must be in the production image.
const UNSHIPPED = [
  'coverage',
  'deploy',
  'dist',
  'docs',
  'node_modules',
  'patches',
  'scripts',
  'src',
  'test',
];
// Files in these folders must be in the production image if sources name them.
const MAY_BE_NAMED = ['.', 'deploy', 'docs', 'scripts'];
const TIME_LIMIT_MS = 10_000;
const REASONS = [
  [/cannot open shared object file/, 'a system library is missing'],
  [/spawn.* ENOENT/, 'it starts a program that is not there'],
  [
    /invalid ELF header|Exec format error|no native build|wrong ELF class/i,
    'it is built for another platform',
  ],
  [
    /Cannot find (module|package)|ENOENT/,
    'a file is missing, or was pruned: see KEEP in the Dockerfile',
  ],
];

/** Loads a package in a process of its own; resolves to 'loads' or to what happened instead. */
function load(name) {
  const code = 'import(process.argv[1]).then(() => process.send("loads"))';
  const child = spawn(process.execPath, ['--eval', code, name], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let outcome = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.on('message', (message) => {
    outcome = message;
    child.kill('SIGKILL');
  });
  // A program that the package started may hold the other end of stderr for ever.
  child.on('exit', () => setTimeout(() => child.stderr.destroy(), 500).unref());
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const line = stderr.split('\n').find((text) => /^(<ref .*> )?\w*Error\b/.test(text));
      resolve(outcome || line || (signal ? `hangs, or ends by ${signal}` : `exits with ${code}`));
    });
  });
}

/** Calls an async function for each item, a few at a time; resolves to the results by item. */
async function mapPerItem(items, work) {
  const results = {};
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      results[item] = await work(item);
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker));
  return results;
}

/** The files below a folder, or in it. */
function filesOf(folder, recursive = true) {
  return readdirSync(folder, { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A folder's package.json; {} without one that can be read. */
function manifestOf(folder) {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return {};
  }
}

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory();
/** Whether a folder is or holds nothing but packages, packed ones too, that package.json names. */
function isInstalled(folder, dependencies) {
  if (manifestOf(folder).name in dependencies) return true;
  return readdirSync(folder).every((name) => {
    const file = join(folder, name);
    if (isFolder(file)) return isInstalled(file, dependencies);
    if (/^readme|\.patch$/i.test(name)) return true;
    return Object.values(dependencies).some((range) => range.endsWith(file));
  });
}

/** The links in src where it is shipped as it is: what they lead to must be there, too. */
function links() {
  if (existsSync('tsconfig.json')) return [];
  return readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The files that development has and sources name, such as openapi.yaml. */
function namedFiles() {
  const code = filesOf('src').map((file) => readFileSync(file, 'utf8'));
  return MAY_BE_NAMED.filter((folder) => existsSync(folder))
    .flatMap((folder) => filesOf(folder, folder !== '.'))
    .filter((file) => code.some((text) => text.includes(`${file}'`) || text.includes(`${file}"`)));
}

/** The test image: how each production dependency loads, and what else must be there. */
async function look() {
  const manifest = manifestOf('.');
  const production = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const all = { ...production, ...manifest.devDependencies };
  const folders = readdirSync('.')
    .filter((name) => /^[^.]/.test(name) && !UNSHIPPED.includes(name))
    .filter((name) => isFolder(name) && !isInstalled(name, all));
  return {
    paths: [...folders.map((folder) => `${folder}/`), ...namedFiles(), ...links()],
    packages: await mapPerItem(Object.keys(production), load),
  };
}

/** Lines about what the test image has and this image has not. */
async function compare({ paths, packages }) {
  const lines = paths
    .filter((path) => !existsSync(path))
    .map((path) => `${path} is not in it: COPY it in the stage runtime or see scripts/compare.mjs`);
  const here = await mapPerItem(Object.keys(packages), load);
  for (const [name, outcome] of Object.entries(here)) {
    if (outcome === 'loads' || outcome === packages[name]) continue;
    const reason =
      REASONS.find(([pattern]) => pattern.test(outcome))?.[1] ?? 'it behaves differently here';
    lines.push(`${name}: ${reason} (${outcome}; in the test image: ${packages[name]})`);
  }
  return lines;
}

const [, seen] = process.argv;
if (seen) {
  const lines = await compare(JSON.parse(seen));
  for (const line of lines) console.error(line);
  process.exitCode = lines.length > 0 ? 1 : 0;
} else {
  console.log(JSON.stringify(await look()));
}
