// The settings: those of src/service, and your own.
//% if cookiecutter.database == 'postgres'
import { databaseSettings } from './database.ts';
//% endif
import { readers, serviceSettings } from './service/settings.ts';

export type Config = ReturnType<typeof loadConfig>;

/** Reads all settings from an environment; a bad one throws an error that names it and its rule. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const read = readers(env);
  return {
    ...serviceSettings(read),
    //% if cookiecutter.database == 'postgres'
    ...databaseSettings(read),
    //% elif cookiecutter.database == 'sqlite'
    databaseFile: read.text('DATABASE_FILE', '/data/app.db', /./, 'a path'),
    //% endif
    // Your own, such as: apiUrl: read.text('API_URL', 'https://example.com', /^https:/, 'an https URL'),
  };
}
