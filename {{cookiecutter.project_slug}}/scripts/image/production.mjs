// Links what production needs of /app into /out/production: the packages in node_modules and the
// local ones that links in it lead to, without what can never run there. KEEP names packages that
// stay whole, OMIT files and folders that are left out.
import fs from 'node:fs';
import path from 'node:path';
import { foreignOf, headOf, isElf, isOfAnotherSystem } from './native.mjs';

const words = (text) => (text ?? '').split(/[\s,]+/).filter(Boolean);
const kept = words(process.env.KEEP);
const omitted = words(process.env.OMIT);
// What package managers note for themselves, with the time of the build.
const NOTES = /\/node_modules\/\.(modules\.yaml|pnpm-workspace-state.*)$/;
const OBJECTS = /\/build\/Release\/((obj\.target|\.deps)\/|.*\.a$)/;
const MANUALS = /\/(changelog|changes|history|contributing|security)\.md$|\/docs?\/.*\.md$/i;
const README = /\/readme(\.md|\.markdown)?$/i;
const LICENCE = /\/(un)?(licen[cs]e|copying)[^/]*$/i;
const TYPES = /\.d\.[cm]?ts$/;
const MAPS = /\.([cm]?[jt]sx?|css)\.map$/;
const FOR_BROWSERS = /\/(client-dist|swagger-ui-dist|public|static|www)\//;
const CODE = /(?<!\.config)\.[cm]?js$|\/package\.json$/;
// A package's folder of tests, and how code names one: './test', 'test/x' or join(here, 'test').
const TESTS = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/)(?:tests?|__tests__|benchmarks?)\//;
const NAMES_TESTS = /["'`](\.{0,2}\/)*(tests?|__tests__|benchmarks?)\/|(\/|, *["'`])tests?["'`]/;
// Examples and benchmarks beside the code; how code names them.
const TRIALS = /\/node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/(examples?|bench|test)(\/|\.[cm]?js$)/;
const NAMES_TRIALS = /["'`](\.{0,2}\/)*(examples?|bench|test)(\.[cm]?js)?["'`/]/;

/** The files and links below a folder, and those that links to outside of node_modules lead to. */
function filesOf(name, seen = new Set()) {
  const stat = fs.lstatSync(name, { throwIfNoEntry: false });
  if (seen.has(name) || !stat) return [];
  const folder = path.dirname(name);
  if (fs.realpathSync(folder) !== folder) return filesOf(folder, seen);
  seen.add(name);
  if (stat.isDirectory())
    return fs.readdirSync(name).flatMap((entry) => filesOf(path.join(name, entry), seen));
  if (!stat.isSymbolicLink()) return [name];
  const target = path.resolve(folder, fs.readlinkSync(name));
  return [name, ...(target.includes('/node_modules/') ? [] : filesOf(target, seen))];
}

/** Whether a file's package stays whole: it is local, or named in KEEP. */
function isWhole(file) {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  return name === undefined || kept.includes('*') || kept.includes(name);
}

/** Whether `name` is a path of this file or of a folder it is in, below node_modules or /app. */
function isBelow(file, name) {
  return ['/node_modules', '/app'].some((parent) => `${file}/`.includes(`${parent}/${name}/`));
}

/** The entry points in a manifest; its whole text if it is not JSON, such as a template. */
function entriesOf(text) {
  try {
    const { main, module, exports, imports, bin } = JSON.parse(text);
    return JSON.stringify({ main, module, exports, imports, bin });
  } catch {
    return text;
  }
}

/** The packages whose code or exports name their folder of tests, so that it must stay. */
function withNeededTests(files) {
  const roots = new Set(files.map((file) => TESTS.exec(file)?.[1]).filter(Boolean));
  const code = files.filter((file) => CODE.test(file) && !TESTS.test(file));
  const names = (pattern) => (file) => {
    const text = fs.readFileSync(file, 'utf8');
    return pattern.test(file.endsWith('/package.json') ? entriesOf(text) : text);
  };
  return [...roots].filter((root) => {
    const own = code.filter((file) => file.startsWith(root));
    const used = own.filter((file) => !TRIALS.test(file));
    const reached = used.some(names(NAMES_TRIALS)) ? own : used;
    return reached.some(names(NAMES_TESTS));
  });
}

const files = filesOf('/app/node_modules').filter((file) => !NOTES.test(file));
// Under whatever name it was installed.
const hasCompiler = files.some((file) => file.endsWith('/lib.es5.d.ts'));
const licensed = new Set(files.filter((file) => LICENCE.test(file)).map(path.dirname));
const neededTests = withNeededTests(files);
const isBinary = (file) => fs.lstatSync(file).isFile() && fs.statSync(file).size > 64;
const heads = new Map(files.filter(isBinary).map((file) => [file, headOf(file)]));
const elf = [...heads.keys()].filter((file) => isElf(heads.get(file)));
const foreign = new Set(foreignOf(elf));

/** Whether no program in the image ever reads or runs a file. */
function isUseless(file) {
  const [, tested] = TESTS.exec(file) ?? [];
  return (
    OBJECTS.test(file) ||
    (MANUALS.test(file) && !LICENCE.test(file)) ||
    (README.test(file) && licensed.has(path.dirname(file))) ||
    (TYPES.test(file) && !hasCompiler) ||
    (MAPS.test(file) && !FOR_BROWSERS.test(file)) ||
    (tested !== undefined && !neededTests.includes(tested) && !LICENCE.test(file)) ||
    foreign.has(file) ||
    (heads.has(file) && isOfAnotherSystem(heads.get(file)))
  );
}

const isOmitted = (file) => omitted.some((name) => isBelow(file, name));
const needed = files.filter((file) => !isOmitted(file) && (isWhole(file) || !isUseless(file)));
// No error: on another platform those packages may be there.
const isUnknown = (name) => name !== '*' && !files.some((file) => isBelow(file, name));
const unknown = [...kept, ...omitted].filter(isUnknown).join(' ');
if (unknown) console.error(`==> KEEP or OMIT names nothing here: ${unknown}`);

/** Links files to the same paths below a folder. */
function linkBelow(folder, names) {
  fs.mkdirSync(`${folder}/app`, { recursive: true });
  for (const file of names) {
    fs.mkdirSync(path.dirname(`${folder}${file}`), { recursive: true });
    fs.linkSync(file, `${folder}${file}`);
  }
}

linkBelow('/out/production', needed);
// For libraries.sh: native code, and the links by which it finds libraries of other packages.
const native = needed.filter((file) => elf.includes(file) && !foreign.has(file));
const links = needed.filter((file) => fs.lstatSync(file).isSymbolicLink());
linkBelow('/out/native', native.length > 0 ? [...native, ...links] : []);
