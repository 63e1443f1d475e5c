// The settings: those of src/service, and your own.
//% if cookiecutter.database != 'none'
import { databaseSettings } from './database.js';
//% endif
import { readers, serviceSettings } from './service/settings.js';

/** Reads all settings from an environment; a bad one throws an error that names it and its rule. */
export function loadConfig(env) {
  const read = readers(env);
  return {
    ...serviceSettings(read),
    //% if cookiecutter.database != 'none'
    ...databaseSettings(read),
    //% endif
    // Your own, such as apiUrl: read.text('API_URL', undefined, /^https:/, 'an https URL'),
  };
}
