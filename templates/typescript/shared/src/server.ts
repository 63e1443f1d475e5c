// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
//% if cookiecutter.database != 'none'
import * as database from './database.ts';
//% endif
//% if cookiecutter.metrics == 'prometheus'
import * as metrics from './service/metrics.ts';
//% endif
import { startService } from './service/start.ts';

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
