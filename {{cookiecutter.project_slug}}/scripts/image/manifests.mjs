// Copies what an installation reads of the project into the current folder: an edit of anything
// else, such as the version or a script that does not run, then causes no new installation.
import fs from 'node:fs';
import path from 'node:path';

const PROJECT = '/project';
const READ = new Set([
  ...['.npmrc', 'package-lock.json', 'npm-shrinkwrap.json'],
  ...['.pnpmfile.cjs', '.pnpmfile.mjs', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  ...['.yarnrc.yml', 'yarn.lock', '.yarn/plugins', '.yarn/releases', 'patches'],
]);
// Patches and packed packages are copied wherever they are.
const ANYWHERE = /\.(patch|tgz|tar(\.gz)?)$/i;
// The scripts of package.json that an installation runs; `dependencies` is npm's.
const RUN = /^(pre|post)?(install|dependencies)$/;
const BY_PATH = /"(?:file|link|portal):([^"]+?)\/?"/g;
// What package.json names by its path, which need not be a package with a name.
const linked = new Set();

function stop(reason) {
  console.error(`==> ${reason}`);
  process.exit(1);
}

/** A folder's package.json (it may begin with a byte order mark); undefined without one. */
function manifestOf(folder) {
  const name = path.join(folder, 'package.json');
  const file = path.join(PROJECT, name);
  if (!fs.existsSync(file)) return undefined;
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    // One that nothing installs may be there for a test.
    if (folder !== '' && !linked.has(folder)) return undefined;
    return stop(`${name}: ${error.message.replace(/\s+/g, ' ')}`);
  }
}

/** A manifest without the scripts for a checkout: git hooks, builds for publishing. */
function withoutPrepare({ scripts, ...rest }) {
  const { prepublish, preprepare, prepare, postprepare, ...others } = scripts ?? {};
  return { ...rest, scripts: others };
}

/** Copies a file or folder, or the link that it is below, and what links in it lead to. */
function copy(name, link) {
  const source = path.join(PROJECT, name);
  const stat = fs.lstatSync(source, { throwIfNoEntry: false });
  if (!stat || name.startsWith('..')) stop(`${link} leads to nothing that a build sees`);
  const folder = path.dirname(source);
  if (fs.realpathSync(folder) !== folder) return copy(path.dirname(name));
  fs.mkdirSync(stat.isDirectory() ? name : path.dirname(name), { recursive: true });
  if (stat.isDirectory()) {
    for (const entry of fs.readdirSync(source)) copy(path.join(name, entry));
  } else if (!fs.lstatSync(name, { throwIfNoEntry: false })) {
    if (stat.isFile()) return fs.copyFileSync(source, name);
    fs.symlinkSync(fs.readlinkSync(source), name);
    const place = path.join(path.dirname(name), fs.readlinkSync(source));
    if (!place.split('/').includes('node_modules')) copy(place, name);
  }
}

/** Copies a local package; yarn, which runs no `prepare`, has locked the manifest as it is. */
function copyPackage(folder) {
  copy(folder);
  const manifest = manifestOf(folder);
  if (!manifest?.scripts || fs.existsSync(`${PROJECT}/yarn.lock`)) return;
  fs.writeFileSync(`${folder}/package.json`, JSON.stringify(withoutPrepare(manifest)));
}

/** Copies from a folder and those below it; local packages, such as workspaces, whole. */
function copyFrom(folder) {
  for (const entry of fs.readdirSync(path.join(PROJECT, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (READ.has(name) || (ANYWHERE.test(name) && !entry.isDirectory())) copy(name);
    else if (linked.has(name) || manifestOf(name)?.name) copyPackage(name);
    else if (entry.isDirectory()) copyFrom(name);
  }
}

const { version, description, keywords, author, packageManager, ...manifest } = manifestOf('');
for (const [, name] of JSON.stringify(manifest).matchAll(BY_PATH)) linked.add(path.join(name));
copyFrom('');
if (!Object.keys(manifest.scripts ?? {}).some((name) => RUN.test(name))) delete manifest.scripts;
fs.writeFileSync('package.json', JSON.stringify(withoutPrepare(manifest)));
fs.mkdirSync('/out/production/app', { recursive: true });
fs.copyFileSync(path.join(PROJECT, 'package.json'), '/out/production/app/package.json');
// Readable for any user, whatever the umask of the checkout was.
fs.chmodSync('/out/production/app/package.json', 0o444);
