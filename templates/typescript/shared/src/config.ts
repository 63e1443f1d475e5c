// The settings: those of src/service, and your own.
//% if cookiecutter.database != 'none'
import { databaseSettings } from './database.ts';
//% endif
import { readers, serviceSettings } from './service/settings.ts';

export type Config = ReturnType<typeof loadConfig>;

/** Reads all settings from an environment; a bad one throws an error that names it and its rule. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const read = readers(env);
  return {
    ...serviceSettings(read),
    //% if cookiecutter.database != 'none'
    ...databaseSettings(read),
    //% endif
    // Your own, such as apiUrl: read.text('API_URL', undefined, /^https:/, 'an https URL'),
  };
}
