// The settings: those of src/service, and your own.
import { readers, serviceSettings } from './service/settings.js';

/** Reads all settings from an environment; a bad one throws an error that names it and its rule. */
export function loadConfig(env) {
  const read = readers(env);
  return {
    ...serviceSettings(read),
    // Yours: apiUrl: read.text('API_URL', 'https://example.com', /^https:/, 'an https URL'),
  };
}
