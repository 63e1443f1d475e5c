// Copies what an installation reads of the project into the current folder: an edit of anything
// else, such as the version or a script that does not run, then causes no new installation.
import fs from 'node:fs';
import path from 'node:path';

const PROJECT = '/project';
const FOLDERS = ['patches', '.yarn/plugins', '.yarn/releases'];
const FILES = new Set([
  ...['.npmrc', 'package-lock.json', 'npm-shrinkwrap.json'],
  ...['.pnpmfile.cjs', '.pnpmfile.mjs', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  ...['.yarnrc.yml', 'yarn.lock'],
]);
// Patches and packed packages are copied wherever they are.
const ANYWHERE = /\.(patch|tgz)$/;

/** A folder's package.json (it may begin with a byte order mark); undefined without one. */
function manifestOf(folder) {
  const file = path.join(PROJECT, folder, 'package.json');
  if (!fs.existsSync(file)) return undefined;
  return JSON.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
}

/** A manifest without the scripts for a checkout: git hooks, builds for publishing. */
function withoutPrepare({ scripts, ...rest }) {
  const { prepare, prepublish, ...others } = scripts ?? {};
  return { ...rest, scripts: others };
}

/** Copies a local package; yarn, which runs no `prepare`, has locked the manifest as it is. */
function copyPackage(folder) {
  fs.cpSync(path.join(PROJECT, folder), folder, { recursive: true });
  const manifest = manifestOf(folder);
  if (manifest?.scripts?.prepare === undefined || fs.existsSync(`${PROJECT}/yarn.lock`)) return;
  fs.writeFileSync(`${folder}/package.json`, JSON.stringify(withoutPrepare(manifest)));
}

/** Copies from a folder and those below it; local packages, such as workspaces, whole. */
function copyFrom(folder) {
  for (const entry of fs.readdirSync(path.join(PROJECT, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    const source = path.join(PROJECT, name);
    if (entry.name === 'node_modules' || entry.name === '.git') continue;
    if (!entry.isDirectory()) {
      if (FILES.has(name) || ANYWHERE.test(name)) fs.cpSync(source, name);
    } else if (FOLDERS.includes(name)) {
      fs.cpSync(source, name, { recursive: true });
    } else if (manifestOf(name)?.name || linked.has(name)) {
      copyPackage(name);
    } else {
      copyFrom(name);
    }
  }
}

const { version, description, keywords, author, packageManager, ...manifest } = manifestOf('');
const { preinstall, install, postinstall } = manifest.scripts ?? {};
const isRun = preinstall ?? install ?? postinstall;
// Folders that package.json names, which need not be packages with a name.
const linked = new Set(
  [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]
    .flatMap((dependencies) => Object.values(dependencies ?? {}))
    .filter((range) => /^(file|link|portal):/.test(range))
    .map((range) => path.normalize(range.replace(/^\w+:/, '')).replace(/\/$/, '')),
);
copyFrom('');
if (!isRun) delete manifest.scripts;
fs.writeFileSync('package.json', JSON.stringify(withoutPrepare(manifest)));
fs.mkdirSync('/out/production/app', { recursive: true });
fs.cpSync(path.join(PROJECT, 'package.json'), '/out/production/app/package.json');
// Readable for any user, whatever the umask of the checkout was.
fs.chmodSync('/out/production/app/package.json', 0o444);
