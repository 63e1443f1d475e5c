// Loads one package as an owner may: by its name and by every other path that it exports, imported and required.
// Prints a line for each that loads, with what it gives; says on standard error why another does not.
// PACKAGE and IMPORTS stand for the package's name and a list of what to import where its name is not the thing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire('/app/package.json');

/** What a package exports beside its main entry, without patterns. */
function exported(name) {
  const { exports } = JSON.parse(readFileSync(`/app/node_modules/${name}/package.json`, 'utf8'));
  const paths = typeof exports === 'object' ? Object.keys(exports ?? {}) : [];
  return paths.filter((path) => /^\.\/[^*]*$/.test(path) && !/\/$|package\.json$/.test(path)).map((path) => name + path.slice(1));
}

const names = (value) => Object.keys(value ?? {}).sort().join(' ');
for (const entry of [...IMPORTS, ...exported(PACKAGE)]) {
  for (const [way, load] of [['import', (path) => import(path)], ['require', require]]) {
    try {
      console.log(`${way} ${entry}: ${names(await load(entry))}`);
    } catch (error) {
      console.error(`${way} ${entry}: ${error?.message ?? error}`);
    }
  }
}
process.exit(0);
