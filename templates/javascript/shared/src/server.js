// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.js';
import { createApp } from './app.js';
import { loadConfig } from './config.js';
//% if cookiecutter.database != 'none'
import * as database from './database.js';
//% endif
//% if cookiecutter.metrics == 'prometheus'
import * as metrics from './service/metrics.js';
//% endif
import { startService } from './service/start.js';

await startService({
  loadConfig,
  createApp,
  parts: [
    // Modules with hooks of their own, such as a connection.
    //% if cookiecutter.metrics == 'prometheus'
    metrics,
    //% endif
    //% if cookiecutter.database != 'none'
    database,
    //% endif
  ],
});
